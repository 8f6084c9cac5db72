package io.pix2pix.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes PNG files of 8 bits, gray or red-green-blue.
 *
 * <p>One filter for all rows and the lowest level of deflate: photographs get hardly smaller by
 * trying harder, only slower (docs/performance.md has the figures).
 */
final class PngWriter {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int GRAY = 0;
    private static final int RGB = 2;
    private static final int LEVEL = Deflater.BEST_SPEED;
    private static final byte SUB = 1;
    private static final byte UP = 2;

    private PngWriter() {}

    static byte[] write(Pixels image) {
        byte[] filtered = filter(image);
        var out = new ByteArrayOutputStream(filtered.length / 2 + 128);
        out.writeBytes(SIGNATURE);
        byte[] header =
                ByteBuffer.allocate(13)
                        .putInt(image.width())
                        .putInt(image.height())
                        .put((byte) 8)
                        .put((byte) (image.channels() == 1 ? GRAY : RGB))
                        .array();
        chunk(out, "IHDR", header, header.length);
        byte[] packed = new byte[filtered.length + filtered.length / 1000 + 64];
        chunk(out, "IDAT", packed, deflate(filtered, packed));
        chunk(out, "IEND", new byte[0], 0);
        return out.toByteArray();
    }

    /** Each row as its difference to the one above; the first to its left neighbours. */
    private static byte[] filter(Pixels image) {
        int channels = image.channels();
        int row = image.width() * channels;
        byte[] in = image.bytes();
        byte[] out = new byte[Math.multiplyExact(row + 1, image.height())];
        out[0] = SUB;
        System.arraycopy(in, 0, out, 1, Math.min(channels, row));
        for (int i = channels; i < row; i++) {
            out[1 + i] = (byte) (in[i] - in[i - channels]);
        }
        for (int y = 1; y < image.height(); y++) {
            int from = y * row;
            int to = y * (row + 1);
            out[to++] = UP;
            for (int i = 0; i < row; i++) {
                out[to + i] = (byte) (in[from + i] - in[from + i - row]);
            }
        }
        return out;
    }

    private static int deflate(byte[] in, byte[] out) {
        Deflater deflater = new Deflater(LEVEL);
        try {
            deflater.setInput(in);
            deflater.finish();
            int length = deflater.deflate(out);
            if (!deflater.finished()) {
                throw new IllegalStateException("Deflate needed more room than its bound");
            }
            return length;
        } finally {
            deflater.end();
        }
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data, int length) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data, 0, length);
        out.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        out.writeBytes(name);
        out.write(data, 0, length);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
