package io.pix2pix.dataset;

/**
 * SplitMix64 (Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014;
 * constants of Java's SplittableRandom), written out so that a job's numbers stay the same on every
 * Java.
 *
 * <p>A generator begins with what its numbers depend on, mixed one after the other, so that
 * neighbouring seeds, epochs and indexes give unrelated numbers.
 */
final class SplitMix {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    SplitMix(long... from) {
        for (long part : from) {
            state = mix(state + GOLDEN_GAMMA + part);
        }
    }

    private long next() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** From 0 up to but without {@code bound}; off by less than bound / 2^32 from uniform. */
    int nextInt(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    boolean nextBoolean() {
        return next() < 0;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
