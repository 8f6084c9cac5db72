package io.pix2pix.image;

/**
 * Which input samples make up each output sample of one axis, and how much each counts.
 *
 * @param inputs input samples
 * @param size output samples
 * @param taps the most inputs that any output has; the stride of the two weight arrays
 * @param start the first input of each output
 * @param count how many inputs each output has
 * @param exact weights, [size, taps]
 * @param fixed the same times 2^22, rounded half away from zero
 */
record Weights(
        int inputs, int size, int taps, int[] start, int[] count, double[] exact, int[] fixed) {
    /** 32 bits less 8 of the sample, less 2 for weights outside 0..1. */
    static final int PRECISION_BITS = 22;

    private static final double SUPPORT = 2;

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
