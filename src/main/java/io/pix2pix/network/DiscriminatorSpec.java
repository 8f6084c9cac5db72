package io.pix2pix.network;

import io.pix2pix.network.Layer.Conv;
import io.pix2pix.network.Layer.LeakyRelu;
import io.pix2pix.network.Layer.Norm;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a discriminator is made of: it judges an input image with an output image (joined along the
 * channels) and gives one number per patch, [N, 1, h, w], without a sigmoid (Isola et al. 2017,
 * section 6.1.2).
 *
 * @param kind PatchGAN or the pixel discriminator
 * @param filters channels after the first convolution (the reference's ndf)
 * @param depth convolutions between the first and the last one, 1 to 5 (the reference's n_layers;
 *     3: patches of 70 x 70); a pixel discriminator has none to choose
 * @param inputChannels channels of an input image and an output image together
 * @param norm the norm layers it was built with
 */
public record DiscriminatorSpec(Kind kind, int filters, int depth, int inputChannels, NormKind norm)
        implements Network {

    /** A family of discriminators. */
    public enum Kind {
        /** PatchGAN: kernels of 4 x 4, each convolution but the last two halving the image. */
        BASIC,
        /** Looks at single pixels: kernels of 1 x 1. */
        PIXEL;

        /** The reference's name: {@code basic}, {@code pixel}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Reads what {@link #word()} gives.
         *
         * @throws IllegalArgumentException when there is no such word
         */
        public static Kind parse(String word) {
            return Words.parse("discriminator", values(), Kind::word, word);
        }
    }

    public DiscriminatorSpec {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(norm, "norm");
        if (filters < 1 || inputChannels < 2) {
            throw new IllegalArgumentException(
                    "A discriminator needs a filter and 2 channels (one of each image) or more, found %d filters, %d channels"
                            .formatted(filters, inputChannels));
        }
        if (kind == Kind.BASIC && (depth < 1 || depth > 5)) {
            throw new IllegalArgumentException("A discriminator has 1 to 5 layers, found " + depth);
        }
    }

    @Override
    public List<Layer> layers() {
        return kind == Kind.PIXEL ? pixel() : patch();
    }

    private List<Layer> patch() {
        List<Layer> layers = new ArrayList<>();
        layers.add(new Conv("model.0", inputChannels, filters, 4, 2, 1, true));
        layers.add(new LeakyRelu());
        for (int k = 1; k <= depth; k++) {
            String key = "model." + (3 * k - 1);
            layers.add(new Conv(key, width(k - 1), width(k), 4, k < depth ? 2 : 1, 1, isBiased()));
            layers.add(new Norm("model." + 3 * k, width(k), norm));
            layers.add(new LeakyRelu());
        }
        layers.add(new Conv("model." + (3 * depth + 2), width(depth), 1, 4, 1, 1, true));
        return List.copyOf(layers);
    }

    private List<Layer> pixel() {
        return List.of(
                new Conv("net.0", inputChannels, filters, 1, 1, 0, true),
                new LeakyRelu(),
                new Conv("net.2", filters, 2 * filters, 1, 1, 0, isBiased()),
                new Norm("net.3", 2 * filters, norm),
                new LeakyRelu(),
                new Conv("net.5", 2 * filters, 1, 1, 1, 0, isBiased()));
    }

    private int width(int k) {
        return filters * Math.min(8, 1 << k);
    }

    private boolean isBiased() {
        return norm == NormKind.INSTANCE;
    }

    /** The least width and height that leave a patch to judge. */
    public int smallestSize() {
        // Each halving leaves floor(n / 2), each of the last two convolutions n - 1.
        return kind == Kind.PIXEL ? 1 : 3 << depth;
    }
}
