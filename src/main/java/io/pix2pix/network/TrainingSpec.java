package io.pix2pix.network;

import java.util.Objects;

/**
 * What is trained and by which rule. Two runs of one specification, state and sequence of batches
 * give the same weights.
 *
 * @param lambdaL1 weight of the L1 distance beside the GAN loss; 100 in the paper
 * @param beta1 Adam's decay of the first moment; 0.5 in the paper (the second's is {@value BETA2})
 * @param precision of the convolutions
 */
public record TrainingSpec(
        GeneratorSpec generator,
        DiscriminatorSpec discriminator,
        GanLoss loss,
        double lambdaL1,
        double beta1,
        Precision precision) {
    static final double BETA2 = 0.999;
    static final double EPSILON = 1e-8;

    public TrainingSpec {
        Objects.requireNonNull(loss, "loss");
        Objects.requireNonNull(precision, "precision");
        int channels = generator.inputChannels() + generator.outputChannels();
        if (discriminator.inputChannels() != channels) {
            throw new IllegalArgumentException(
                    "The discriminator sees the generator's input and output, %d channels; found %d"
                            .formatted(channels, discriminator.inputChannels()));
        }
        if (!Double.isFinite(lambdaL1) || lambdaL1 < 0) {
            throw new IllegalArgumentException(
                    "lambdaL1 must be a number from 0 on, found " + lambdaL1);
        }
        if (!(beta1 >= 0 && beta1 < 1)) {
            throw new IllegalArgumentException("beta1 must be in [0, 1), found " + beta1);
        }
    }

    /** Width and height of an image must be at least this, and multiples of the generator's. */
    public int smallestSize() {
        return Math.max(discriminator.smallestSize(), generator.architecture().smallestSize());
    }
}
