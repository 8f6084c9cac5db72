package io.pix2pix.training;

import io.pix2pix.image.Pixels;

/**
 * Structural similarity (Wang et al., Image Quality Assessment: From Error Visibility to Structural
 * Similarity, IEEE TIP 2004) as scikit-image computes it with {@code gaussian_weights}: windows of
 * 11 x 11 with a Gaussian of sigma 1.5, population covariance, K1 0.01, K2 0.03, range 255; only
 * windows wholly inside the picture count.
 */
final class Ssim {
    private static final double SIGMA = 1.5;
    private static final int RADIUS = 5;
    private static final double C1 = Math.pow(0.01 * 255, 2);
    private static final double C2 = Math.pow(0.03 * 255, 2);
    private static final double[] KERNEL = kernel();

    private Ssim() {}

    private static double[] kernel() {
        double[] kernel = new double[2 * RADIUS + 1];
        double sum = 0;
        for (int i = 0; i < kernel.length; i++) {
            int x = i - RADIUS;
            kernel[i] = Math.exp(-x * x / (2 * SIGMA * SIGMA));
            sum += kernel[i];
        }
        for (int i = 0; i < kernel.length; i++) {
            kernel[i] /= sum;
        }
        return kernel;
    }

    /**
     * Of one channel, in [-1, 1].
     *
     * @param a 8 bits
     * @param b of the same size, at least 11 pixels a side
     */
    static double of(Pixels a, Pixels b, int channel) {
        int n = a.width() * a.height();
        double[] x = new double[n];
        double[] y = new double[n];
        double[] xx = new double[n];
        double[] yy = new double[n];
        double[] xy = new double[n];
        for (int i = 0, at = channel; i < n; i++, at += a.channels()) {
            x[i] = a.bytes()[at] & 0xFF;
            y[i] = b.bytes()[at] & 0xFF;
            xx[i] = x[i] * x[i];
            yy[i] = y[i] * y[i];
            xy[i] = x[i] * y[i];
        }
        double[] meanX = blur(x, a.width(), a.height());
        double[] meanY = blur(y, a.width(), a.height());
        double[] meanXx = blur(xx, a.width(), a.height());
        double[] meanYy = blur(yy, a.width(), a.height());
        double[] meanXy = blur(xy, a.width(), a.height());
        double sum = 0;
        for (int i = 0; i < meanX.length; i++) {
            double ux = meanX[i];
            double uy = meanY[i];
            double varianceX = meanXx[i] - ux * ux;
            double varianceY = meanYy[i] - uy * uy;
            double covariance = meanXy[i] - ux * uy;
            sum +=
                    (2 * ux * uy + C1)
                            * (2 * covariance + C2)
                            / ((ux * ux + uy * uy + C1) * (varianceX + varianceY + C2));
        }
        return sum / meanX.length;
    }

    /** Weighted means of all windows, first along the rows, then along the columns. */
    private static double[] blur(double[] in, int width, int height) {
        int innerWidth = width - 2 * RADIUS;
        int innerHeight = height - 2 * RADIUS;
        double[] rows = new double[innerWidth * height];
        for (int y = 0; y < height; y++) {
            for (int k = 0; k < KERNEL.length; k++) {
                double weight = KERNEL[k];
                int from = y * width + k;
                int to = y * innerWidth;
                for (int i = 0; i < innerWidth; i++) {
                    rows[to + i] += weight * in[from + i];
                }
            }
        }
        double[] out = new double[innerWidth * innerHeight];
        for (int y = 0; y < innerHeight; y++) {
            for (int k = 0; k < KERNEL.length; k++) {
                double weight = KERNEL[k];
                int from = (y + k) * innerWidth;
                int to = y * innerWidth;
                for (int i = 0; i < innerWidth; i++) {
                    out[to + i] += weight * rows[from + i];
                }
            }
        }
        return out;
    }

    /** Whether a window fits into a picture. */
    static boolean fits(int width, int height) {
        return Math.min(width, height) >= KERNEL.length;
    }
}
