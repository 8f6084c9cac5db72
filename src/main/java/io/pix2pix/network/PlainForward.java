package io.pix2pix.network;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network as a TorchScript module that reads like its layers: one line each, tensors under the
 * reference's keys. It runs anywhere and can be retrained.
 */
public final class PlainForward {
    private final Statistics statistics;
    private final StringBuilder source = new StringBuilder();
    private final Map<String, String> kept = new HashMap<>();
    private int values;
    private String x = "input";

    private PlainForward(Statistics statistics) {
        this.statistics = statistics;
    }

    /**
     * The generator with {@code forward(Tensor[N, C, H, W]) -> Tensor[N, C, H, W]}, both in [-1,
     * 1].
     *
     * @param state must fit the generator (see {@link GeneratorSpec#firstMisfit})
     */
    public static ScriptModule of(
            GeneratorSpec spec, Map<String, Tensor> state, Statistics statistics) {
        return of(spec.layers(), spec.ordered(state), statistics);
    }

    /**
     * Some first layers of a network.
     *
     * @param state holds at least the layers' tensors
     */
    public static ScriptModule of(
            List<Layer> layers, Map<String, Tensor> state, Statistics statistics) {
        PlainForward forward = new PlainForward(statistics);
        layers.forEach(forward::add);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        Set<String> buffers = new LinkedHashSet<>();
        Network.entries(layers)
                .forEach(
                        (key, entry) -> {
                            Tensor tensor = state.get(key);
                            if (tensor == null) {
                                throw new IllegalArgumentException("No " + key);
                            }
                            tensors.put(key, tensor);
                            if (entry.buffer()) {
                                buffers.add(key);
                            }
                        });
        String head =
                "  def forward(self: %s,\n    input: Tensor) -> Tensor:\n"
                        .formatted(ScriptModule.TYPE);
        return new ScriptModule(
                head + forward.source + "    return " + forward.x + "\n", tensors, buffers);
    }

    private void add(Layer layer) {
        if (layer instanceof Layer.Conv c) {
            set(
                    "torch.conv2d(%s, %s, %s, [%d, %d], [%d, %d])"
                            .formatted(
                                    x,
                                    tensor(c, "weight"),
                                    c.bias() ? tensor(c, "bias") : "None",
                                    c.stride(),
                                    c.stride(),
                                    c.padding(),
                                    c.padding()));
        } else if (layer instanceof Layer.ConvTranspose c) {
            set(
                    "torch.conv_transpose2d(%s, %s, %s, [%d, %d], [%d, %d], [%d, %d])"
                            .formatted(
                                    x,
                                    tensor(c, "weight"),
                                    c.bias() ? tensor(c, "bias") : "None",
                                    c.stride(),
                                    c.stride(),
                                    c.padding(),
                                    c.padding(),
                                    c.outputPadding(),
                                    c.outputPadding()));
        } else if (layer instanceof Layer.Norm n) {
            set(normalized(n));
        } else if (layer instanceof Layer.Relu) {
            set("torch.relu(%s)".formatted(x));
        } else if (layer instanceof Layer.LeakyRelu) {
            set("torch.leaky_relu(%s, %s)".formatted(x, Layer.LeakyRelu.SLOPE));
        } else if (layer instanceof Layer.Tanh) {
            set("torch.tanh(%s)".formatted(x));
        } else if (layer instanceof Layer.ReflectionPad p) {
            int n = p.size();
            set("torch.reflection_pad2d(%s, [%d, %d, %d, %d])".formatted(x, n, n, n, n));
        } else if (layer instanceof Layer.Keep k) {
            kept.put(k.name(), x);
        } else if (layer instanceof Layer.Concat c) {
            set("torch.cat([%s, %s], 1)".formatted(recall(c.name()), x));
        } else if (layer instanceof Layer.Add a) {
            set("torch.add(%s, %s)".formatted(recall(a.name()), x));
        } else if (!(layer instanceof Layer.Dropout)) {
            throw new IllegalStateException("No way to write " + layer);
        }
    }

    private String normalized(Layer.Norm norm) {
        boolean affine = norm.kind() == NormKind.BATCH;
        String head =
                x
                        + ", "
                        + (affine ? tensor(norm, "weight") : "None")
                        + ", "
                        + (affine ? tensor(norm, "bias") : "None");
        String tail = Layer.Norm.MOMENTUM + ", " + Layer.Norm.EPSILON + ", False)";
        // An instance norm has no statistics but the image's own.
        return switch (affine ? statistics : Statistics.INSTANCE) {
            case INSTANCE -> "torch.instance_norm(" + head + ", None, None, True, " + tail;
            case BATCH -> "torch.batch_norm(" + head + ", None, None, True, " + tail;
            case RUNNING ->
                    "torch.batch_norm(%s, %s, %s, False, %s"
                            .formatted(
                                    head,
                                    tensor(norm, "running_mean"),
                                    tensor(norm, "running_var"),
                                    tail);
        };
    }

    private String recall(String name) {
        String value = kept.get(name);
        if (value == null) {
            throw new IllegalStateException("Nothing was kept as " + name);
        }
        return value;
    }

    private static String tensor(Layer.Weighted layer, String name) {
        return ScriptModule.reference(layer.key() + "." + name);
    }

    private void set(String expression) {
        x = "x" + values++;
        source.append("    ").append(x).append(" = ").append(expression).append('\n');
    }
}
