package io.pix2pix.dataset;

import java.util.List;

/**
 * Pairs for one training step.
 *
 * @param epoch from 0
 * @param step in the epoch, from 0
 * @param size pairs, N
 * @param height of all images, pixels
 * @param width of all images, pixels
 * @param inputs [N, inputChannels, H, W] in [-1, 1]; belongs to whoever takes the batch
 * @param targets [N, outputChannels, H, W] in [-1, 1]; belongs to whoever takes the batch
 * @param names of the pairs
 */
public record PairBatch(
        int epoch,
        int step,
        int size,
        int inputChannels,
        int outputChannels,
        int height,
        int width,
        float[] inputs,
        float[] targets,
        List<String> names) {
    public PairBatch {
        names = List.copyOf(names);
        if (names.size() != size
                || inputs.length != size * inputChannels * height * width
                || targets.length != size * outputChannels * height * width) {
            throw new IllegalArgumentException(
                    "%d pairs of %d x %d do not fit %d inputs and %d targets"
                            .formatted(size, width, height, inputs.length, targets.length));
        }
    }
}
