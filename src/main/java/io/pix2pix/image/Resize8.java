package io.pix2pix.image;

import java.util.Arrays;

/**
 * Resizing of 8-bit samples. Rows are made narrow as the columns need them and kept in a ring,
 * which stays in the processor's cache; two rows at a time, packed into the halves of a long, so
 * that one multiplication does both. For one call on one thread.
 */
final class Resize8 {
    private static final int HALF = 1 << (Weights.PRECISION_BITS - 1);
    private static final long HALVES = HALF | ((long) HALF << 32);

    private final Pixels image;
    private final Weights across;
    private final Weights down;
    private final int channels;

    /** Samples in a row of the output. */
    private final int row;

    private final long[] pair;
    private final int ringRows;
    private final int[] ring;

    /** Input rows up to here, not including it, have been made narrow. */
    private int done;

    Resize8(Pixels image, Weights across, Weights down) {
        this.image = image;
        this.across = across;
        this.down = down;
        this.channels = image.channels();
        this.row = across.size() * channels;
        this.pair = new long[image.width() * channels];
        // Rows come in twos, so that two may stand beside those that an output row needs.
        this.ringRows = (down.taps() + 3) & ~1;
        this.ring = new int[ringRows * row];
    }

    void into(byte[] out) {
        int[] sums = new int[row];
        for (int y = 0; y < down.size(); y++) {
            int start = down.start()[y];
            int end = start + down.count()[y];
            // Rows that no output row looks at are left out.
            done = Math.max(done, start & ~1);
            for (; done < end; done += 2) {
                narrow(done);
            }
            Arrays.fill(sums, HALF);
            for (int in = start, k = y * down.taps(); in < end; in++, k++) {
                add(ring, in % ringRows * row, down.fixed()[k], sums);
            }
            for (int i = 0; i < row; i++) {
                out[y * row + i] = (byte) clip(sums[i]);
            }
        }
    }

    /** One weighted row; on its own so that the compiler vectorizes it. */
    private static void add(int[] ring, int from, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += ring[from + i] * weight;
        }
    }

    /** Makes the input rows y and y + 1 narrow; y is even. */
    private void narrow(int y) {
        byte[] in = image.bytes();
        int upper = y * pair.length;
        int lower = y + 1 < image.height() ? upper + pair.length : upper;
        int to = y % ringRows * row;
        if (across.isIdentity()) {
            for (int i = 0; i < row; i++) {
                ring[to + i] = in[upper + i] & 0xFF;
                ring[to + row + i] = in[lower + i] & 0xFF;
            }
            return;
        }
        for (int i = 0; i < pair.length; i++) {
            pair[i] = (in[upper + i] & 0xFF) | ((long) (in[lower + i] & 0xFF) << 32);
        }
        if (channels == 3) {
            horizontal3(pair, across, ring, to, row);
        } else {
            horizontal(pair, across, channels, ring, to, row);
        }
    }

    private static void horizontal3(long[] pair, Weights across, int[] out, int to, int row) {
        int[] fixed = across.fixed();
        for (int x = 0; x < across.size(); x++) {
            long sum0 = HALVES;
            long sum1 = HALVES;
            long sum2 = HALVES;
            int from = across.start()[x] * 3;
            int k = x * across.taps();
            int end = k + across.count()[x];
            for (; k + 2 <= end; k += 2, from += 6) {
                long w = fixed[k];
                long v = fixed[k + 1];
                sum0 += pair[from] * w + pair[from + 3] * v;
                sum1 += pair[from + 1] * w + pair[from + 4] * v;
                sum2 += pair[from + 2] * w + pair[from + 5] * v;
            }
            if (k < end) {
                long w = fixed[k];
                sum0 += pair[from] * w;
                sum1 += pair[from + 1] * w;
                sum2 += pair[from + 2] * w;
            }
            int o = to + 3 * x;
            out[o] = clip((int) sum0);
            out[o + 1] = clip((int) sum1);
            out[o + 2] = clip((int) sum2);
            out[o + row] = clip(upperHalf(sum0));
            out[o + row + 1] = clip(upperHalf(sum1));
            out[o + row + 2] = clip(upperHalf(sum2));
        }
    }

    private static void horizontal(
            long[] pair, Weights across, int channels, int[] out, int to, int row) {
        for (int x = 0; x < across.size(); x++) {
            for (int c = 0; c < channels; c++) {
                long sum = HALVES;
                int from = across.start()[x] * channels + c;
                int k = x * across.taps();
                for (int end = k + across.count()[x]; k < end; k++, from += channels) {
                    sum += pair[from] * across.fixed()[k];
                }
                int o = to + x * channels + c;
                out[o] = clip((int) sum);
                out[o + row] = clip(upperHalf(sum));
            }
        }
    }

    /** What was summed up in the upper half: a negative lower half has borrowed from it. */
    private static int upperHalf(long sum) {
        return (int) ((sum - (int) sum) >> 32);
    }

    private static int clip(int sum) {
        return Math.max(0, Math.min(255, sum >> Weights.PRECISION_BITS));
    }
}
