package io.pix2pix.network;

import io.pix2pix.network.Layer.Concat;
import io.pix2pix.network.Layer.Conv;
import io.pix2pix.network.Layer.ConvTranspose;
import io.pix2pix.network.Layer.Dropout;
import io.pix2pix.network.Layer.Keep;
import io.pix2pix.network.Layer.LeakyRelu;
import io.pix2pix.network.Layer.Norm;
import io.pix2pix.network.Layer.Relu;
import io.pix2pix.network.Layer.Tanh;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The U-Net of Isola et al. 2017 (section 6.1.1) as the reference builds it: each level halves the
 * image on the way down and doubles it on the way up, and hands its input over to the way up.
 *
 * @param levels 2 to 16; 8 for images of 256 x 256
 */
public record Unet(int levels) implements Architecture {
    private static final int KERNEL = 4;
    private static final int STRIDE = 2;
    private static final int PADDING = 1;

    public Unet {
        if (levels < 2 || levels > 16) {
            throw new IllegalArgumentException("A U-Net has 2 to 16 levels, found " + levels);
        }
    }

    @Override
    public String word() {
        return "unet_" + (1 << levels);
    }

    @Override
    public int sizeMultiple() {
        return 1 << levels;
    }

    @Override
    public int smallestSize() {
        return sizeMultiple();
    }

    @Override
    public List<Layer> layers(GeneratorSpec spec) {
        boolean bias = spec.norm() == NormKind.INSTANCE;
        int bottom = levels - 1;
        List<Layer> layers = new ArrayList<>();
        layers.add(down("model.model.0", spec.inputChannels(), width(spec, 0), bias));
        for (int k = 1; k <= bottom; k++) {
            String path = path(k);
            // The reference rectifies in place, so what it hands over is rectified, too.
            layers.add(new LeakyRelu());
            layers.add(new Keep("skip" + k));
            layers.add(down(path + ".1", width(spec, k - 1), width(spec, k), bias));
            if (k < bottom) {
                layers.add(new Norm(path + ".2", width(spec, k), spec.norm()));
            }
        }
        for (int k = bottom; k >= 1; k--) {
            String path = path(k);
            int in = k == bottom ? width(spec, k) : 2 * width(spec, k);
            int out = width(spec, k - 1);
            layers.add(new Relu());
            layers.add(up(path + (k == bottom ? ".3" : ".5"), in, out, bias));
            layers.add(new Norm(path + (k == bottom ? ".4" : ".6"), out, spec.norm()));
            if (spec.dropout() && k >= 4 && k < bottom) {
                layers.add(new Dropout());
            }
            layers.add(new Concat("skip" + k));
        }
        layers.add(new Relu());
        layers.add(up("model.model.3", 2 * width(spec, 0), spec.outputChannels(), true));
        layers.add(new Tanh());
        return List.copyOf(layers);
    }

    private static Conv down(String key, int in, int out, boolean bias) {
        return new Conv(key, in, out, KERNEL, STRIDE, PADDING, bias);
    }

    private static ConvTranspose up(String key, int in, int out, boolean bias) {
        return new ConvTranspose(key, in, out, KERNEL, STRIDE, PADDING, 0, bias);
    }

    /** Channels below level k: filters times 1, 2, 4, 8, 8, 8, ... */
    private static int width(GeneratorSpec spec, int k) {
        return spec.filters() * Math.min(8, 1 << k);
    }

    /** Where level k lies in the reference's nested blocks. */
    private static String path(int k) {
        return "model.model.1.model" + ".3.model".repeat(k - 1);
    }

    @Override
    public String firstKey() {
        return "model.model.0.weight";
    }

    @Override
    public Optional<GeneratorSpec> infer(Map<String, Tensor> state) {
        Tensor first = state.get(firstKey());
        if (first == null || first.shape().length != 4) {
            return Optional.empty();
        }
        Tensor last = state.get("model.model.3.weight");
        // Every level has a norm on its way up, so the first level's tells the kind.
        boolean batch = state.containsKey(path(1) + (levels == 2 ? ".4" : ".6") + ".weight");
        return Optional.of(
                new GeneratorSpec(
                        this,
                        first.size(0),
                        first.size(1),
                        last == null || last.shape().length != 4 ? first.size(1) : last.size(1),
                        batch ? NormKind.BATCH : NormKind.INSTANCE,
                        false));
    }
}
