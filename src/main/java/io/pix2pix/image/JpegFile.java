package io.pix2pix.image;

import io.pix2pix.failure.FailureException;
import java.awt.Rectangle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG file whose markers are read up to its first scan.
 *
 * <p>Source: ITU-T T.81 annex B; T.871 for JFIF; T.872 for Adobe's marker; colours as libjpeg
 * guesses them.
 *
 * @param essential the file as a plain JFIF without its application segments: the profiles,
 *     thumbnails and notes in them change the colours that ImageIO decodes, or fail it
 */
record JpegFile(int width, int height, Model model, Orientation orientation, byte[] essential)
        implements ImageFile {

    /** What the components mean. */
    enum Model {
        GRAY,
        RGB,
        YCC,
        /** Cyan, magenta, yellow, black; inverted when Adobe's marker is there. */
        CMYK,
        CMYK_INVERTED,
        YCCK_INVERTED
    }

    private static final int NONE = -1;

    /**
     * Usual are 1 to 12. Each takes the decoder over the whole picture, and may have a few bytes
     * only.
     */
    private static final int MAX_SCANS = 100;

    /** Start of image; the JFIF segment, version 1.1, square pixels, no thumbnail. */
    private static final byte[] START = {
        (byte) 0xFF,
        (byte) 0xD8,
        (byte) 0xFF,
        (byte) 0xE0,
        0,
        16,
        'J',
        'F',
        'I',
        'F',
        0,
        1,
        1,
        0,
        0,
        1,
        0,
        1,
        0,
        0
    };

    private static final int RST0 = 0xD0;
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int APP15 = 0xEF;
    private static final int COMMENT = 0xFE;

    /**
     * @throws io.pix2pix.failure.FailureException TRUNCATED, CORRUPT, UNSUPPORTED_FORMAT
     */
    static JpegFile open(byte[] file) {
        boolean jfif = false;
        int adobe = NONE;
        Orientation orientation = Orientation.NORMAL;
        int frame = NONE;
        var essential = new ByteArrayOutputStream(file.length + START.length);
        essential.writeBytes(START);
        int at = 2;
        while (true) {
            at = nextMarker(file, at);
            int marker = Bytes.u8(file, at - 1);
            if (marker == SOS) {
                break;
            }
            if (marker == EOI || marker == SOI) {
                throw Problem.CORRUPT.because(
                        "Expected a JPEG's scan, found marker ff %02x at byte %d"
                                .formatted(marker, at - 2));
            }
            int length = at + 2 <= file.length ? Bytes.u16(file, at) : 0;
            int end = at + length;
            if (end > file.length || length < 2) {
                throw truncated(file);
            }
            if (isFrame(marker)) {
                frame = at;
                requireSupported(marker, file, at, length);
            } else if (marker == APP0) {
                jfif |= Bytes.match(file, at + 2, "JFIF\0");
            } else if (marker == APP1 && Bytes.match(file, at + 2, "Exif\0")) {
                orientation = new TiffDirectory(file, at + 8, end).orientation();
            } else if (marker == APP14 && length >= 14 && Bytes.match(file, at + 2, "Adobe")) {
                adobe = Bytes.u8(file, at + 13);
            }
            if ((marker < APP0 || marker > APP15) && marker != COMMENT) {
                essential.write(file, at - 2, length + 2);
            }
            at = end;
        }
        if (frame == NONE) {
            throw Problem.CORRUPT.because("Expected a JPEG's frame before its scan, found none");
        }
        requireEnd(file, at);
        requireFewScans(file, at);
        essential.write(file, at - 2, file.length - at + 2);
        int height = Bytes.u16(file, frame + 3);
        int width = Bytes.u16(file, frame + 5);
        Model model = model(file, frame, jfif, adobe);
        return new JpegFile(width, height, model, orientation, essential.toByteArray());
    }

    /**
     * The size from a file's first bytes, or null where its frame lies behind them.
     *
     * @throws io.pix2pix.failure.FailureException CORRUPT, UNSUPPORTED_FORMAT
     */
    static @Nullable ImageHeader header(byte[] head) {
        Orientation orientation = Orientation.NORMAL;
        int at = 2;
        // A marker and the start of its segment.
        while (at + 4 <= head.length) {
            if (Bytes.u8(head, at) != 0xFF) {
                return null;
            }
            int marker = Bytes.u8(head, at + 1);
            int start = at + 2;
            int end = start + Bytes.u16(head, start);
            if (marker == 0xFF || marker == SOS || end > head.length) {
                return null;
            }
            if (isFrame(marker)) {
                requireSupported(marker, head, start, end - start);
                int height = Bytes.u16(head, start + 3);
                int width = Bytes.u16(head, start + 5);
                return new ImageHeader(width, height, orientation);
            }
            if (marker == APP1 && Bytes.match(head, start + 2, "Exif\0")) {
                orientation = new TiffDirectory(head, start + 8, end).orientation();
            }
            at = end;
        }
        return null;
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        if (model == Model.YCC) {
            return JpegReader.readRgb(essential, part);
        }
        Pixels stored = JpegReader.readRaw(essential, part);
        byte[] samples = stored.bytes();
        return switch (model) {
            case GRAY, RGB, YCC -> stored;
            case CMYK -> Colors.cmykToRgb(stored);
            case CMYK_INVERTED -> {
                invert(samples, 0, 1);
                yield Colors.cmykToRgb(stored);
            }
            case YCCK_INVERTED -> {
                // libjpeg takes the complement of red, green and blue for the inks, and Adobe's
                // inversion takes it back: only black is left to invert.
                Colors.yccToRgb(samples, 4);
                invert(samples, 3, 4);
                yield Colors.cmykToRgb(stored);
            }
        };
    }

    private static void invert(byte[] samples, int from, int step) {
        for (int i = from; i < samples.length; i += step) {
            samples[i] = (byte) ~samples[i];
        }
    }

    /** The position behind the next marker; what lies between is skipped, as libjpeg does. */
    private static int nextMarker(byte[] file, int from) {
        for (int at = from; at + 1 < file.length; at++) {
            int code = Bytes.u8(file, at + 1);
            if (Bytes.u8(file, at) == 0xFF && code != 0 && code != 0xFF) {
                return at + 2;
            }
        }
        throw truncated(file);
    }

    /** The decoder paints what is missing gray, so the end is looked for beforehand. */
    private static void requireEnd(byte[] file, int from) {
        for (int at = file.length - 2; at >= from; at--) {
            if (Bytes.u8(file, at) == 0xFF && Bytes.u8(file, at + 1) == EOI) {
                return;
            }
        }
        throw truncated(file);
    }

    /** Walks the segments and the coded data between them up to the end marker. */
    private static void requireFewScans(byte[] file, int firstScan) {
        int scans = 1;
        int at = firstScan;
        while (at + 1 < file.length) {
            int marker = Bytes.u8(file, at + 1);
            if (Bytes.u8(file, at) != 0xFF || marker == 0xFF) {
                at++;
            } else if (marker == 0 || marker == 1 || (marker >= RST0 && marker < SOI)) {
                at += 2;
            } else if (marker == EOI || at + 4 > file.length) {
                return;
            } else {
                scans += marker == SOS ? 1 : 0;
                at += 2 + Bytes.u16(file, at + 2);
            }
            if (scans > MAX_SCANS) {
                throw Problem.UNSUPPORTED_FORMAT.because(
                        "Expected a JPEG of at most %d scans, found more".formatted(MAX_SCANS));
            }
        }
    }

    private static boolean isFrame(int marker) {
        boolean isTable = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
        return marker >= 0xC0 && marker <= 0xCF && !isTable;
    }

    private static void requireSupported(int marker, byte[] file, int at, int length) {
        int precision = Bytes.u8(file, at + 2);
        boolean huffman = marker <= 0xC2;
        if (!huffman || precision != 8) {
            throw Problem.UNSUPPORTED_FORMAT.because(
                    ("Expected a baseline or progressive JPEG of 8 bits,"
                                    + " found frame type %d of %d bits")
                            .formatted(marker - 0xC0, precision));
        }
        int components = length >= 8 ? Bytes.u8(file, at + 7) : 0;
        if (length < 8 + 3 * components) {
            throw Problem.CORRUPT.because("The JPEG's frame header is too short");
        }
    }

    private static Model model(byte[] file, int frame, boolean jfif, int adobe) {
        int components = Bytes.u8(file, frame + 7);
        return switch (components) {
            case 1 -> Model.GRAY;
            case 3 -> {
                boolean named =
                        Bytes.u8(file, frame + 8) == 'R'
                                && Bytes.u8(file, frame + 11) == 'G'
                                && Bytes.u8(file, frame + 14) == 'B';
                boolean rgb = !jfif && (adobe == 0 || (adobe == NONE && named));
                yield rgb ? Model.RGB : Model.YCC;
            }
            case 4 ->
                    switch (adobe) {
                        case NONE -> Model.CMYK;
                        case 0 -> Model.CMYK_INVERTED;
                        default -> Model.YCCK_INVERTED;
                    };
            default ->
                    throw Problem.UNSUPPORTED_FORMAT.because(
                            "Expected a JPEG of 1, 3 or 4 components, found " + components);
        };
    }

    private static FailureException truncated(byte[] file) {
        return Problem.TRUNCATED.because(
                "The JPEG ends after %d bytes, before its end marker".formatted(file.length));
    }
}
