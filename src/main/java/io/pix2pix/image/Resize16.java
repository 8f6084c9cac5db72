package io.pix2pix.image;

import java.util.Arrays;

/** Resizing of 16-bit samples: summed up in double precision, rounded once. */
final class Resize16 {
    private Resize16() {}

    static void resize(Pixels image, Weights across, Weights down, short[] out) {
        int row = across.size() * image.channels();
        float[] narrow = horizontal(image, across);
        double[] sums = new double[row];
        for (int y = 0; y < down.size(); y++) {
            Arrays.fill(sums, 0);
            for (int t = 0; t < down.count()[y]; t++) {
                double weight = down.exact()[y * down.taps() + t];
                int at = (down.start()[y] + t) * row;
                for (int i = 0; i < row; i++) {
                    sums[i] += narrow[at + i] * weight;
                }
            }
            for (int i = 0; i < row; i++) {
                out[y * row + i] = (short) Math.max(0, Math.min(65535, Math.round(sums[i])));
            }
        }
    }

    private static float[] horizontal(Pixels image, Weights across) {
        int channels = image.channels();
        int rowIn = image.width() * channels;
        int row = across.size() * channels;
        short[] in = image.shorts();
        float[] narrow = new float[Math.multiplyExact(row, image.height())];
        for (int y = 0; y < image.height(); y++) {
            for (int i = 0; i < row; i++) {
                int x = i / channels;
                int from = y * rowIn + across.start()[x] * channels + i % channels;
                int k = x * across.taps();
                double sum = 0;
                for (int end = k + across.count()[x]; k < end; k++, from += channels) {
                    sum += (in[from] & 0xFFFF) * across.exact()[k];
                }
                narrow[y * row + i] = (float) sum;
            }
        }
        return narrow;
    }
}
