package io.pix2pix.dataset;

/**
 * Which part of a pair is trained on and whether it is mirrored: the same for both pictures, as in
 * the reference's {@code get_params}.
 *
 * @param x left edge of the crop, pixels
 * @param y upper edge of the crop, pixels
 * @param flip whether it is mirrored left to right, after it was cut out
 */
record Augmentation(int x, int y, boolean flip) {
    /** Keeps these numbers apart from those of {@link EpochOrder}. */
    private static final long PURPOSE = 1;

    /**
     * Depends on nothing but its arguments.
     *
     * @param margin loadSize less cropSize: corners are uniform over 0..margin
     * @param flips whether every other pair is mirrored
     * @param index the pair's in its dataset
     */
    static Augmentation of(int margin, boolean flips, long seed, int epoch, int index) {
        SplitMix random = new SplitMix(seed, PURPOSE, epoch, index);
        int x = random.nextInt(margin + 1);
        int y = random.nextInt(margin + 1);
        return new Augmentation(x, y, flips && random.nextBoolean());
    }
}
