package io.pix2pix.image;

import java.util.Objects;

/**
 * A decoded image: samples interleaved by pixel ([H, W, C]), rows from the top, 8 or 16 bits each.
 *
 * <p>Exactly one of the arrays is filled: {@link #bytes()} when {@link #bits()} is 8, {@link
 * #shorts()} when it is 16; both hold unsigned values. The arrays are not copied: whoever makes a
 * {@code Pixels} gives them away, and readers leave them as they are. So an instance is safe to
 * read from any thread.
 */
public final class Pixels {
    private static final byte[] NO_BYTES = {};
    private static final short[] NO_SHORTS = {};

    private final int width;
    private final int height;
    private final int channels;
    private final int bits;
    private final byte[] bytes;
    private final short[] shorts;

    private Pixels(int width, int height, int channels, int bits, byte[] bytes, short[] shorts) {
        if (width <= 0 || height <= 0 || channels <= 0) {
            throw new IllegalArgumentException(
                    "No image of %d x %d pixels, %d channels".formatted(width, height, channels));
        }
        long samples = (long) width * height * channels;
        int found = bits == 8 ? bytes.length : shorts.length;
        if (samples != found) {
            throw new IllegalArgumentException(
                    "%d x %d x %d needs %d samples, found %d"
                            .formatted(width, height, channels, samples, found));
        }
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.bits = bits;
        this.bytes = bytes;
        this.shorts = shorts;
    }

    /** Eight bits a sample; {@code samples} is [H, W, C]. */
    public static Pixels of8(int width, int height, int channels, byte[] samples) {
        return new Pixels(
                width, height, channels, 8, Objects.requireNonNull(samples, "samples"), NO_SHORTS);
    }

    /** Sixteen bits a sample; {@code samples} is [H, W, C]. */
    public static Pixels of16(int width, int height, int channels, short[] samples) {
        return new Pixels(
                width, height, channels, 16, NO_BYTES, Objects.requireNonNull(samples, "samples"));
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** 1 gray, 3 red-green-blue; other counts for data that is no photograph. */
    public int channels() {
        return channels;
    }

    /** 8 or 16. */
    public int bits() {
        return bits;
    }

    /** The samples when {@link #bits()} is 8, else empty. */
    public byte[] bytes() {
        return bytes;
    }

    /** The samples when {@link #bits()} is 16, else empty. */
    public short[] shorts() {
        return shorts;
    }

    /** The filled one of the two arrays. */
    Object samples() {
        return bits == 8 ? bytes : shorts;
    }

    /** An image of another size with as many channels and bits, its samples all 0. */
    Pixels blank(int width, int height) {
        int samples = Math.multiplyExact(Math.multiplyExact(width, height), channels);
        return bits == 8
                ? of8(width, height, channels, new byte[samples])
                : of16(width, height, channels, new short[samples]);
    }

    /** The image with 8 bits a sample, rounded; this one where it has them already. */
    public Pixels toEightBits() {
        if (bits == 8) {
            return this;
        }
        byte[] rounded = new byte[shorts.length];
        for (int i = 0; i < shorts.length; i++) {
            // 65535 is 257 times 255.
            rounded[i] = (byte) (((shorts[i] & 0xFFFF) + 128) / 257);
        }
        return of8(width, height, channels, rounded);
    }

    /** The unsigned value of one sample. */
    public int sample(int x, int y, int channel) {
        int i = (y * width + x) * channels + channel;
        return bits == 8 ? bytes[i] & 0xFF : shorts[i] & 0xFFFF;
    }

    @Override
    public String toString() {
        return "%d x %d x %d, %d bits".formatted(width, height, channels, bits);
    }
}
