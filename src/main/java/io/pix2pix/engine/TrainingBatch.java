package io.pix2pix.engine;

import io.pix2pix.network.TrainingSpec;

/**
 * Pairs of images for one training step.
 *
 * <p>The arrays are not copied; they must stay as they are until the step is done.
 *
 * @param size pairs, N
 * @param height of all images, in pixels
 * @param width of all images, in pixels
 * @param inputs [N, C, H, W] in [-1, 1]
 * @param targets [N, C, H, W] in [-1, 1]
 */
public record TrainingBatch(int size, int height, int width, float[] inputs, float[] targets) {
    public TrainingBatch {
        if (size < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "A batch has a size, found %d pairs of %d x %d".formatted(size, width, height));
        }
    }

    /**
     * Checks that the images are of the channels and a size that networks take.
     *
     * @throws IllegalArgumentException when they are not
     */
    void requireFit(TrainingSpec spec) {
        requireLength("inputs", inputs, spec.generator().inputChannels());
        requireLength("targets", targets, spec.generator().outputChannels());
        int multiple = spec.generator().architecture().sizeMultiple();
        boolean fits =
                width % multiple == 0
                        && height % multiple == 0
                        && Math.min(width, height) >= spec.smallestSize();
        if (!fits) {
            throw new IllegalArgumentException(
                    "Expected images whose width and height are multiples of %d and at least %d, found %d x %d"
                            .formatted(multiple, spec.smallestSize(), width, height));
        }
    }

    private void requireLength(String name, float[] values, int channels) {
        long expected = (long) size * channels * height * width;
        if (values.length != expected) {
            throw new IllegalArgumentException(
                    "Expected %d %s for [%d, %d, %d, %d], found %d"
                            .formatted(
                                    expected, name, size, channels, height, width, values.length));
        }
    }
}
