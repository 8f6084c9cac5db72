package io.pix2pix.image;

import io.pix2pix.failure.FailureException;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A WebP file's chunks.
 *
 * <p>Source: RFC 9649.
 *
 * @param width of the canvas
 * @param frame where the first frame lies on it; all of it unless the file is animated
 * @param picture the first frame's pixels alone, as a file of its own: no alpha, which is dropped
 *     anyway, no metadata, no further frames
 */
record WebpFile(int width, int height, Rectangle frame, Orientation orientation, byte[] picture)
        implements ImageFile {
    private static final int BLACK = 0;
    private static final int RIFF_BYTES = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;

    /**
     * @throws FailureException TRUNCATED, CORRUPT
     */
    static WebpFile open(byte[] file) {
        long declared = Bytes.u32le(file, 4) + CHUNK_HEADER;
        if (declared > file.length) {
            throw Problem.TRUNCATED.because(
                    "The WebP says it has %d bytes, found %d".formatted(declared, file.length));
        }
        Walk walk = new Walk(file);
        walk.chunks(RIFF_BYTES, (int) declared);
        return walk.result();
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        BufferedImage image = Plugins.read(Plugins.WEBP, picture);
        Pixels pixels = RasterPixels.of(image, new Rectangle(frame.getSize()));
        return Crop.of(Canvas.place(pixels, frame, width, height, BLACK), part);
    }

    private static final class Walk {
        private final byte[] file;
        private Rectangle canvas = new Rectangle();
        private Rectangle frame = new Rectangle();
        private Orientation orientation = Orientation.NORMAL;
        private byte[] picture = {};

        Walk(byte[] file) {
            this.file = file;
        }

        void chunks(int from, int end) {
            int at = from;
            while (at + CHUNK_HEADER <= end) {
                String type = new String(file, at, 4, StandardCharsets.ISO_8859_1);
                long length = Bytes.u32le(file, at + 4);
                int data = at + CHUNK_HEADER;
                if (length > end - data) {
                    throw Problem.TRUNCATED.because(
                            "The WebP's chunk %s at byte %d needs %d bytes, %d are left"
                                    .formatted(type.strip(), at, length, end - data));
                }
                chunk(type, at, data, data + (int) length);
                at = data + (int) (length + length % 2);
            }
        }

        private void chunk(String type, int at, int data, int end) {
            int length = end - data;
            if (type.equals("VP8X") && length >= 10) {
                canvas = new Rectangle(u24(data + 4) + 1, u24(data + 7) + 1);
            } else if (type.equals("EXIF")) {
                // Some writers keep the name that the block has in a JPEG.
                int start = Bytes.match(file, data, "Exif\0\0") ? data + 6 : data;
                orientation = new TiffDirectory(file, start, end).orientation();
            } else if (type.equals("ANMF") && picture.length == 0 && length >= FRAME_HEADER) {
                frame.setLocation(2 * u24(data), 2 * u24(data + 3));
                chunks(data + FRAME_HEADER, end);
            } else if (type.equals("VP8 ") && picture.length == 0 && length >= 10) {
                frame.setSize(
                        Bytes.u16le(file, data + 6) & 0x3FFF, Bytes.u16le(file, data + 8) & 0x3FFF);
                picture = alone(at, end);
            } else if (type.equals("VP8L") && picture.length == 0 && length >= 5) {
                long sizes = Bytes.u32le(file, data + 1);
                frame.setSize((int) (sizes & 0x3FFF) + 1, (int) (sizes >> 14 & 0x3FFF) + 1);
                picture = alone(at, end);
            }
        }

        private byte[] alone(int from, int to) {
            int length = to - from;
            return ByteBuffer.allocate(RIFF_BYTES + length + length % 2)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                    .putInt(4 + length + length % 2)
                    .put("WEBP".getBytes(StandardCharsets.US_ASCII))
                    .put(file, from, length)
                    .array();
        }

        private int u24(int at) {
            return Bytes.u16le(file, at) | Bytes.u8(file, at + 2) << 16;
        }

        WebpFile result() {
            if (picture.length == 0) {
                throw Problem.CORRUPT.because("Expected a WebP's picture, found none");
            }
            Rectangle all = canvas.union(frame);
            return new WebpFile(all.width, all.height, frame, orientation, picture);
        }
    }
}
