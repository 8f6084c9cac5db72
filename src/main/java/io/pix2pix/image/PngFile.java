package io.pix2pix.image;

import io.pix2pix.failure.FailureException;
import java.awt.Rectangle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * A PNG file's chunks, checked before anything is decoded: lengths, checksums, the end.
 *
 * <p>Source: W3C PNG specification, third edition.
 *
 * @param essential the file with only those chunks that say what the pixels are: texts and profiles
 *     can unpack to any size, and transparency is dropped anyway
 */
record PngFile(int width, int height, Orientation orientation, byte[] essential)
        implements ImageFile {
    private static final int SIGNATURE_BYTES = 8;
    private static final int IHDR_BYTES = 13;

    /** Length, type and checksum. */
    private static final int CHUNK_OVERHEAD = 12;

    /**
     * @throws io.pix2pix.failure.FailureException TRUNCATED, CORRUPT
     */
    static PngFile open(byte[] file) {
        var essential = new ByteArrayOutputStream(file.length);
        essential.write(file, 0, SIGNATURE_BYTES);
        Orientation orientation = Orientation.NORMAL;
        int at = SIGNATURE_BYTES;
        boolean ended = false;
        while (!ended) {
            if (file.length - at < CHUNK_OVERHEAD) {
                throw truncated(file);
            }
            long length = Bytes.u32(file, at);
            if (length > file.length - at - CHUNK_OVERHEAD) {
                throw truncated(file);
            }
            int data = at + 8;
            int end = data + (int) length;
            String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
            switch (type) {
                case "IHDR", "PLTE", "IDAT", "IEND" -> {
                    requireChecksum(file, at + 4, end, type);
                    essential.write(file, at, end + 4 - at);
                }
                case "eXIf" -> orientation = new TiffDirectory(file, data, end).orientation();
                default -> {
                    // An ancillary chunk.
                }
            }
            ended = type.equals("IEND");
            at = end + 4;
        }
        boolean hasHeader =
                Bytes.u32(file, SIGNATURE_BYTES) == IHDR_BYTES
                        && Bytes.match(file, SIGNATURE_BYTES + 4, "IHDR");
        if (!hasHeader) {
            throw Problem.CORRUPT.because("Expected a PNG's header chunk first, found another");
        }
        long width = Bytes.u32(file, SIGNATURE_BYTES + 8);
        long height = Bytes.u32(file, SIGNATURE_BYTES + 12);
        if (width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
            throw Problem.CORRUPT.because(
                    "A PNG cannot have %d x %d pixels".formatted(width, height));
        }
        return new PngFile((int) width, (int) height, orientation, essential.toByteArray());
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        return RasterPixels.of(Plugins.read(Plugins.PNG, essential), part);
    }

    private static void requireChecksum(byte[] file, int from, int end, String type) {
        CRC32 crc = new CRC32();
        crc.update(file, from, end - from);
        if (crc.getValue() != Bytes.u32(file, end)) {
            throw Problem.CORRUPT.because(
                    "The checksum of the PNG's %s chunk at byte %d does not match"
                            .formatted(type, from - 4));
        }
    }

    private static FailureException truncated(byte[] file) {
        return Problem.TRUNCATED.because(
                "The PNG ends after %d bytes, before its end chunk".formatted(file.length));
    }
}
