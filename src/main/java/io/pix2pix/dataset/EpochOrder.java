package io.pix2pix.dataset;

/** The order in which an epoch takes the pairs: each once, in another order in each epoch. */
final class EpochOrder {
    private static final long PURPOSE = 2;

    private EpochOrder() {}

    /**
     * Fisher and Yates's shuffle; depends on nothing but its arguments.
     *
     * @return the indexes 0 to {@code pairs - 1}
     */
    static int[] of(int pairs, long seed, int epoch) {
        SplitMix random = new SplitMix(seed, PURPOSE, epoch);
        int[] order = new int[pairs];
        for (int i = 0; i < pairs; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
