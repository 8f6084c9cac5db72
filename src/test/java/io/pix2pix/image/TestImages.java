package io.pix2pix.image;

import java.util.Random;

/** Images made up for tests; the same for the same seed. */
final class TestImages {
    private TestImages() {}

    /** Smooth in parts and noisy in others, as photographs are. */
    static Pixels photo(int width, int height, int channels, long seed) {
        Random random = new Random(seed);
        byte[] samples = new byte[width * height * channels];
        for (int i = 0; i < samples.length; i++) {
            int x = i / channels % width;
            int y = i / channels / width;
            double wave = 128 + 100 * Math.sin(x * 0.13 + i % channels) * Math.cos(y * 0.07);
            boolean edge = (x / 11 + y / 7) % 5 == 0;
            double value = edge ? 255 - wave : wave + random.nextGaussian() * 2;
            samples[i] = (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
        return Pixels.of8(width, height, channels, samples);
    }

    /** Every sample independent, so that nothing hides a wrong place. */
    static Pixels noise8(int width, int height, int channels, long seed) {
        byte[] samples = new byte[width * height * channels];
        new Random(seed).nextBytes(samples);
        return Pixels.of8(width, height, channels, samples);
    }

    static Pixels noise16(int width, int height, int channels, long seed) {
        Random random = new Random(seed);
        short[] samples = new short[width * height * channels];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) random.nextInt();
        }
        return Pixels.of16(width, height, channels, samples);
    }
}
