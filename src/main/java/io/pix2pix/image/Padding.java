package io.pix2pix.image;

/**
 * Brings an image to a size that a network takes by mirroring it at its right and lower edges, and
 * takes the added pixels away again.
 *
 * <p>Mirroring leaves the edge pixel single, as PyTorch's and NumPy's {@code reflect}: a b c
 * becomes a b c b a. An image smaller than its padding is mirrored to and fro as often as needed,
 * one of a single pixel is repeated.
 */
public final class Padding {
    private Padding() {}

    /**
     * Mirrors to the next multiples.
     *
     * @param multiple of which width and height shall be, at least 1
     * @return {@code image} itself where it fits already
     */
    public static Pixels reflect(Pixels image, int multiple) {
        if (multiple < 1) {
            throw new IllegalArgumentException("A multiple is at least 1, not " + multiple);
        }
        return reflect(image, next(image.width(), multiple), next(image.height(), multiple));
    }

    /** Mirrors to {@code width} by {@code height} pixels, neither smaller than the image's. */
    public static Pixels reflect(Pixels image, int width, int height) {
        if (width < image.width() || height < image.height()) {
            throw new IllegalArgumentException(
                    "Padding to %d x %d would cut %s".formatted(width, height, image));
        }
        if (width == image.width() && height == image.height()) {
            return image;
        }
        int channels = image.channels();
        int rowIn = image.width() * channels;
        int row = width * channels;
        Object in = image.samples();
        Pixels padded = image.blank(width, height);
        Object out = padded.samples();
        for (int y = 0; y < height; y++) {
            int start = mirror(y, image.height()) * rowIn;
            System.arraycopy(in, start, out, y * row, rowIn);
            for (int x = image.width(); x < width; x++) {
                int from = start + mirror(x, image.width()) * channels;
                System.arraycopy(in, from, out, y * row + x * channels, channels);
            }
        }
        return padded;
    }

    /** Undoes {@link #reflect}: the upper left {@code width} by {@code height} pixels. */
    public static Pixels cropBack(Pixels padded, int width, int height) {
        return Crop.of(padded, 0, 0, width, height);
    }

    /** The index in 0..size-1 that a mirrored index stands for. */
    private static int mirror(int i, int size) {
        if (size == 1) {
            return 0;
        }
        int period = 2 * (size - 1);
        int m = i % period;
        return m < size ? m : period - m;
    }

    private static int next(int size, int multiple) {
        return Math.toIntExact(((long) size + multiple - 1) / multiple * multiple);
    }
}
