package io.pix2pix.network;

import io.pix2pix.network.Layer.Add;
import io.pix2pix.network.Layer.Conv;
import io.pix2pix.network.Layer.ConvTranspose;
import io.pix2pix.network.Layer.Dropout;
import io.pix2pix.network.Layer.Keep;
import io.pix2pix.network.Layer.Norm;
import io.pix2pix.network.Layer.ReflectionPad;
import io.pix2pix.network.Layer.Relu;
import io.pix2pix.network.Layer.Tanh;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The generator of Johnson et al. 2016 as the reference builds it: two halvings, residual blocks,
 * two doublings.
 *
 * @param blocks residual blocks, 1 to 99; the reference has 6 and 9
 */
public record Resnet(int blocks) implements Architecture {
    private static final int FIRST_BLOCK = 10;

    public Resnet {
        if (blocks < 1 || blocks > 99) {
            throw new IllegalArgumentException("A ResNet has 1 to 99 blocks, found " + blocks);
        }
    }

    @Override
    public String word() {
        return "resnet_" + blocks + "blocks";
    }

    @Override
    public int sizeMultiple() {
        return 4;
    }

    @Override
    public int smallestSize() {
        // Two halvings must leave 2 pixels for the blocks to mirror one of.
        return 8;
    }

    @Override
    public List<Layer> layers(GeneratorSpec spec) {
        boolean bias = spec.norm() == NormKind.INSTANCE;
        int f = spec.filters();
        List<Layer> layers = new ArrayList<>();
        layers.add(new ReflectionPad(3));
        layers.add(new Conv("model.1", spec.inputChannels(), f, 7, 1, 0, bias));
        normalized(layers, spec, 2, f);
        layers.add(new Conv("model.4", f, 2 * f, 3, 2, 1, bias));
        normalized(layers, spec, 5, 2 * f);
        layers.add(new Conv("model.7", 2 * f, 4 * f, 3, 2, 1, bias));
        normalized(layers, spec, 8, 4 * f);
        for (int i = FIRST_BLOCK; i < FIRST_BLOCK + blocks; i++) {
            block(layers, spec, "model." + i + ".conv_block.", 4 * f, bias);
        }
        int up = FIRST_BLOCK + blocks;
        layers.add(new ConvTranspose("model." + up, 4 * f, 2 * f, 3, 2, 1, 1, bias));
        normalized(layers, spec, up + 1, 2 * f);
        layers.add(new ConvTranspose("model." + (up + 3), 2 * f, f, 3, 2, 1, 1, bias));
        normalized(layers, spec, up + 4, f);
        layers.add(new ReflectionPad(3));
        layers.add(new Conv("model." + (up + 7), f, spec.outputChannels(), 7, 1, 0, true));
        layers.add(new Tanh());
        return List.copyOf(layers);
    }

    private static void normalized(List<Layer> layers, GeneratorSpec spec, int key, int channels) {
        layers.add(new Norm("model." + key, channels, spec.norm()));
        layers.add(new Relu());
    }

    private static void block(
            List<Layer> layers, GeneratorSpec spec, String path, int channels, boolean bias) {
        // Dropout takes a number of its own between the halves.
        int second = spec.dropout() ? 6 : 5;
        layers.add(new Keep(path));
        layers.add(new ReflectionPad(1));
        layers.add(new Conv(path + 1, channels, channels, 3, 1, 0, bias));
        layers.add(new Norm(path + 2, channels, spec.norm()));
        layers.add(new Relu());
        if (spec.dropout()) {
            layers.add(new Dropout());
        }
        layers.add(new ReflectionPad(1));
        layers.add(new Conv(path + second, channels, channels, 3, 1, 0, bias));
        layers.add(new Norm(path + (second + 1), channels, spec.norm()));
        layers.add(new Add(path));
    }

    @Override
    public String firstKey() {
        return "model.1.weight";
    }

    @Override
    public Optional<GeneratorSpec> infer(Map<String, Tensor> state) {
        Tensor first = state.get(firstKey());
        if (first == null || first.shape().length != 4) {
            return Optional.empty();
        }
        Tensor last = state.get("model." + (FIRST_BLOCK + blocks + 7) + ".weight");
        boolean batch = state.containsKey("model.2.weight");
        Tensor sixth = state.get("model." + FIRST_BLOCK + ".conv_block.6.weight");
        boolean dropout = sixth != null && sixth.shape().length == 4;
        return Optional.of(
                new GeneratorSpec(
                        this,
                        first.size(0),
                        first.size(1),
                        last == null || last.shape().length != 4 ? first.size(1) : last.size(0),
                        batch ? NormKind.BATCH : NormKind.INSTANCE,
                        dropout));
    }
}
