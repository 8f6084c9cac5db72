package io.pix2pix.network;

import java.util.List;
import java.util.Objects;

/**
 * What a generator is made of.
 *
 * @param architecture family and depth
 * @param filters channels after the first convolution (the reference's ngf)
 * @param inputChannels channels of an input image
 * @param outputChannels channels of an output image
 * @param norm the norm layers it was built with
 * @param dropout whether it was built with dropout: never active when translating, but it shifts a
 *     ResNet's key numbers
 */
public record GeneratorSpec(
        Architecture architecture,
        int filters,
        int inputChannels,
        int outputChannels,
        NormKind norm,
        boolean dropout)
        implements Network {
    public GeneratorSpec {
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(norm, "norm");
        if (filters < 1 || inputChannels < 1 || outputChannels < 1) {
            throw new IllegalArgumentException(
                    "Filters and channels must be positive, found %d filters, %d to %d channels"
                            .formatted(filters, inputChannels, outputChannels));
        }
    }

    @Override
    public List<Layer> layers() {
        return architecture.layers(this);
    }
}
