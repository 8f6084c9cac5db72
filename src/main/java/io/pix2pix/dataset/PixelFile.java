package io.pix2pix.dataset;

import io.pix2pix.image.Pixels;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A pair's pictures as bytes: a word that names the format, for each picture width, height,
 * channels, bits and its samples, and a CRC-32C of all that. Numbers have their big end first.
 */
final class PixelFile {
    /** "P2P" and the format's version. */
    private static final int MAGIC = ('P' << 24) | ('2' << 16) | ('P' << 8) | 1;

    private static final int PICTURE_HEADER = 4 * Integer.BYTES;

    private PixelFile() {}

    static byte[] write(PixelPair pair) {
        int length = Math.toIntExact(pair.bytes() + 2 * PICTURE_HEADER + 2 * Integer.BYTES);
        ByteBuffer out = ByteBuffer.allocate(length).putInt(MAGIC);
        write(pair.input(), out);
        write(pair.target(), out);
        return out.putInt(checksum(out.array(), out.position())).array();
    }

    private static void write(Pixels picture, ByteBuffer out) {
        out.putInt(picture.width()).putInt(picture.height());
        out.putInt(picture.channels()).putInt(picture.bits());
        if (picture.bits() == 8) {
            out.put(picture.bytes());
        } else {
            out.asShortBuffer().put(picture.shorts());
            out.position(out.position() + Short.BYTES * picture.shorts().length);
        }
    }

    /** Null for bytes that are not a whole file of this format. */
    static @Nullable PixelPair read(byte[] file) {
        int end = file.length - Integer.BYTES;
        ByteBuffer in = ByteBuffer.wrap(file);
        boolean whole =
                end > Integer.BYTES
                        && in.getInt() == MAGIC
                        && in.getInt(end) == checksum(file, end);
        if (!whole) {
            return null;
        }
        try {
            return new PixelPair(picture(in), picture(in));
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return null; // Another program's file with a fitting checksum.
        }
    }

    private static Pixels picture(ByteBuffer in) {
        int width = in.getInt();
        int height = in.getInt();
        int channels = in.getInt();
        int bits = in.getInt();
        int samples = Math.multiplyExact(Math.multiplyExact(width, height), channels);
        if (bits == 8) {
            byte[] bytes = new byte[samples];
            in.get(bytes);
            return Pixels.of8(width, height, channels, bytes);
        }
        short[] shorts = new short[samples];
        in.asShortBuffer().get(shorts);
        in.position(in.position() + Short.BYTES * samples);
        return Pixels.of16(width, height, channels, shorts);
    }

    private static int checksum(byte[] file, int length) {
        CRC32C crc = new CRC32C();
        crc.update(file, 0, length);
        return (int) crc.getValue();
    }
}
