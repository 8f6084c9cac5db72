package io.pix2pix.image;

import java.util.Arrays;

/**
 * Bicubic resizing with antialiasing, to the last bit like Pillow's {@code Image.resize(size,
 * BICUBIC)}, which the reference implementation uses for training and translating.
 *
 * <p>Pillow's way (Resample.c): a cubic kernel (a = -0.5) that is stretched by the scale when
 * shrinking; weights that sum to one, as integers of 22 bits behind the point; first along the
 * rows, rounded to 8 bits, then along the columns. Images of 16 bits are summed up in double
 * precision and rounded once.
 */
public final class Resize {
    /** 32 bits less 8 of the sample, less 2 for weights outside 0..1. */
    static final int PRECISION_BITS = 22;

    private static final int HALF = 1 << (PRECISION_BITS - 1);
    private static final double SUPPORT = 2;

    private Resize() {}

    /**
     * Scales to {@code width} by {@code height} pixels, whatever the image's shape.
     *
     * @return the same number of channels and bits; {@code image} itself where the size fits
     *     already
     */
    public static Pixels bicubic(Pixels image, int width, int height) {
        if (width == image.width() && height == image.height()) {
            return image;
        }
        Weights across = Weights.of(image.width(), width);
        Weights down = Weights.of(image.height(), height);
        return image.bits() == 8
                ? Pixels.of8(width, height, image.channels(), bytes(image, across, down))
                : Pixels.of16(width, height, image.channels(), shorts(image, across, down));
    }

    private static byte[] bytes(Pixels image, Weights across, Weights down) {
        // Rows that no output row looks at are not resized.
        int first = down.start[0];
        int rows = down.start[down.size - 1] + down.count[down.size - 1] - first;
        int channels = image.channels();
        int rowIn = image.width() * channels;
        int row = across.size * channels;
        int[] line = new int[rowIn];
        int[] narrow = new int[row * rows];
        byte[] in = image.bytes();
        for (int y = 0; y < rows; y++) {
            int from = (first + y) * rowIn;
            for (int i = 0; i < rowIn; i++) {
                line[i] = in[from + i] & 0xFF;
            }
            if (across.isIdentity()) {
                System.arraycopy(line, 0, narrow, y * row, row);
            } else if (channels == 3) {
                horizontal3(line, narrow, y * row, across);
            } else {
                horizontal(line, narrow, y * row, across, channels);
            }
        }
        byte[] out = new byte[row * down.size];
        int[] sums = new int[row];
        for (int y = 0; y < down.size; y++) {
            vertical(narrow, (down.start[y] - first) * row, sums, down, y);
            for (int i = 0; i < row; i++) {
                out[y * row + i] = (byte) clip(sums[i]);
            }
        }
        return out;
    }

    private static void horizontal3(int[] line, int[] out, int to, Weights across) {
        int taps = across.taps;
        for (int x = 0; x < across.size; x++) {
            int sum0 = HALF;
            int sum1 = HALF;
            int sum2 = HALF;
            int from = across.start[x] * 3;
            int k = x * taps;
            for (int end = k + across.count[x]; k < end; k++, from += 3) {
                int weight = across.fixed[k];
                sum0 += line[from] * weight;
                sum1 += line[from + 1] * weight;
                sum2 += line[from + 2] * weight;
            }
            out[to + 3 * x] = clip(sum0);
            out[to + 3 * x + 1] = clip(sum1);
            out[to + 3 * x + 2] = clip(sum2);
        }
    }

    private static void horizontal(int[] line, int[] out, int to, Weights across, int channels) {
        for (int x = 0; x < across.size; x++) {
            for (int c = 0; c < channels; c++) {
                int sum = HALF;
                int from = across.start[x] * channels + c;
                int k = x * across.taps;
                for (int end = k + across.count[x]; k < end; k++, from += channels) {
                    sum += line[from] * across.fixed[k];
                }
                out[to + x * channels + c] = clip(sum);
            }
        }
    }

    /** Sums up weighted rows; written row by row so that the compiler vectorizes it. */
    private static void vertical(int[] rows, int from, int[] sums, Weights down, int y) {
        Arrays.fill(sums, HALF);
        for (int t = 0; t < down.count[y]; t++) {
            int weight = down.fixed[y * down.taps + t];
            int at = from + t * sums.length;
            for (int i = 0; i < sums.length; i++) {
                sums[i] += rows[at + i] * weight;
            }
        }
    }

    private static int clip(int sum) {
        int v = sum >> PRECISION_BITS;
        return Math.max(0, Math.min(255, v));
    }

    private static short[] shorts(Pixels image, Weights across, Weights down) {
        int first = down.start[0];
        int rows = down.start[down.size - 1] + down.count[down.size - 1] - first;
        int channels = image.channels();
        int rowIn = image.width() * channels;
        int row = across.size * channels;
        short[] in = image.shorts();
        float[] narrow = new float[row * rows];
        for (int y = 0; y < rows; y++) {
            for (int i = 0; i < row; i++) {
                int x = i / channels;
                int from = (first + y) * rowIn + across.start[x] * channels + i % channels;
                double sum = 0;
                for (int t = 0; t < across.count[x]; t++, from += channels) {
                    sum += (in[from] & 0xFFFF) * across.exact[x * across.taps + t];
                }
                narrow[y * row + i] = (float) sum;
            }
        }
        short[] out = new short[row * down.size];
        double[] sums = new double[row];
        for (int y = 0; y < down.size; y++) {
            Arrays.fill(sums, 0);
            for (int t = 0; t < down.count[y]; t++) {
                double weight = down.exact[y * down.taps + t];
                int at = (down.start[y] - first + t) * row;
                for (int i = 0; i < row; i++) {
                    sums[i] += narrow[at + i] * weight;
                }
            }
            for (int i = 0; i < row; i++) {
                out[y * row + i] = (short) Math.max(0, Math.min(65535, Math.round(sums[i])));
            }
        }
        return out;
    }

    /**
     * Which input samples make up each output sample of one axis, and how much each counts.
     *
     * @param size output samples
     * @param taps the most inputs that any output has; the stride of the two weight arrays
     * @param start the first input of each output
     * @param count how many inputs each output has
     * @param exact weights, [size, taps]
     * @param fixed the same times 2^22, rounded half away from zero
     */
    private record Weights(
            int inputs, int size, int taps, int[] start, int[] count, double[] exact, int[] fixed) {

        static Weights of(int inputs, int size) {
            double scale = (double) inputs / size;
            double stretch = Math.max(scale, 1);
            double support = SUPPORT * stretch;
            int taps = (int) Math.ceil(support) * 2 + 1;
            int[] start = new int[size];
            int[] count = new int[size];
            double[] exact = new double[Math.multiplyExact(size, taps)];
            int[] fixed = new int[exact.length];
            for (int x = 0; x < size; x++) {
                double center = (x + 0.5) * scale;
                start[x] = Math.max((int) (center - support + 0.5), 0);
                count[x] = Math.min((int) (center + support + 0.5), inputs) - start[x];
                double sum = 0;
                for (int t = 0; t < count[x]; t++) {
                    double w = cubic((t + start[x] - center + 0.5) * (1 / stretch));
                    exact[x * taps + t] = w;
                    sum += w;
                }
                for (int t = 0; t < count[x]; t++) {
                    int i = x * taps + t;
                    exact[i] = sum == 0 ? exact[i] : exact[i] / sum;
                    double scaled = exact[i] * (1 << PRECISION_BITS);
                    fixed[i] = (int) (scaled + (scaled < 0 ? -0.5 : 0.5));
                }
            }
            return new Weights(inputs, size, taps, start, count, exact, fixed);
        }

        boolean isIdentity() {
            return inputs == size;
        }

        private static double cubic(double x) {
            double a = -0.5;
            double d = Math.abs(x);
            if (d < 1) {
                return ((a + 2) * d - (a + 3)) * d * d + 1;
            }
            return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
        }
    }
}
