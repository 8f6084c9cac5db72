package io.pix2pix.network;

import io.pix2pix.network.Layer.Conv;
import io.pix2pix.network.Layer.ConvTranspose;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A generator's program for translating, fast rather than readable: channels last, norms folded or
 * in two passes, activations inside the convolutions, weights packed once for the processor.
 *
 * <p>It gives what {@link PlainForward} gives to within float32 rounding. docs/performance.md says
 * what each measure brings.
 */
public final class TunedForward {
    private static final String NONE = "none";
    private static final String RELU = "relu";
    private static final String LEAKY_RELU = "leaky_relu";
    private static final String TANH = "tanh";

    private final Map<String, Tensor> state;
    private final Statistics statistics;
    private final boolean processor;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final StringBuilder prepare = new StringBuilder();
    private final StringBuilder source = new StringBuilder();
    private final Map<String, String> kept = new HashMap<>();
    private int values;
    private String x = "x";

    private TunedForward(Map<String, Tensor> state, Statistics statistics, boolean processor) {
        if (statistics == Statistics.BATCH) {
            throw new IllegalArgumentException("A translation must not depend on its neighbours");
        }
        this.state = state;
        this.statistics = statistics;
        this.processor = processor;
    }

    /**
     * The generator with {@code forward(Tensor[N, C, H, W]) -> Tensor[N, C, H, W]}, both in [-1,
     * 1], and {@code prepare()}, which must run once before.
     *
     * @param state must fit the generator
     * @param processor whether it runs on the CPU (with oneDNN) or on a GPU
     */
    public static ScriptModule of(
            GeneratorSpec spec,
            Map<String, Tensor> state,
            Statistics statistics,
            boolean processor) {
        TunedForward forward = new TunedForward(state, statistics, processor);
        forward.addAll(spec.layers());
        String methods =
                """
                  def prepare(self: %s) -> int:
                %s    return 0
                  def forward(self: %s,
                    input: Tensor) -> Tensor:
                    x = torch.contiguous(input, memory_format=2)
                %s    return %s
                """
                        .formatted(
                                ScriptModule.TYPE,
                                forward.prepare,
                                ScriptModule.TYPE,
                                forward.source,
                                forward.x);
        return new ScriptModule(methods, forward.tensors, forward.tensors.keySet());
    }

    private void addAll(List<Layer> all) {
        // Dropout does nothing when translating.
        List<Layer> layers = all.stream().filter(l -> !(l instanceof Layer.Dropout)).toList();
        int i = 0;
        while (i < layers.size()) {
            Layer layer = layers.get(i);
            if (layer instanceof Conv || layer instanceof ConvTranspose) {
                i = convolution((Layer.Weighted) layer, layers, i + 1);
            } else {
                single(layer);
                i++;
            }
        }
    }

    /**
     * Writes a convolution with what follows it; returns the index of the first layer that does
     * not.
     */
    private int convolution(Layer.Weighted layer, List<Layer> layers, int next) {
        int i = next;
        Layer.Norm norm = i < layers.size() && layers.get(i) instanceof Layer.Norm n ? n : null;
        i += norm == null ? 0 : 1;
        Layer.Concat concat =
                i < layers.size() && layers.get(i) instanceof Layer.Concat c ? c : null;
        i += concat == null ? 0 : 1;
        String activation = i < layers.size() ? activation(layers.get(i)) : NONE;
        // An activation of what is joined is one of its parts: only the new one is not done yet.
        boolean fused = concat == null || activation.equals(RELU);
        convolve(layer, norm, fused ? activation : NONE);
        if (concat != null) {
            String skip = recall(concat.name());
            set(
                    fused && !activation.equals(NONE)
                            ? "torch.cat([torch.relu(%s), %s], 1)".formatted(skip, x)
                            : "torch.cat([%s, %s], 1)".formatted(skip, x));
        }
        return fused && !activation.equals(NONE) ? i + 1 : i;
    }

    private static String activation(Layer layer) {
        return layer instanceof Layer.Relu
                ? RELU
                : layer instanceof Layer.LeakyRelu
                        ? LEAKY_RELU
                        : layer instanceof Layer.Tanh ? TANH : NONE;
    }

    private void convolve(Layer.Weighted layer, Layer.@Nullable Norm norm, String activation) {
        Tensor weight = tensor(layer.key() + ".weight");
        Tensor bias = state.get(layer.key() + ".bias");
        boolean folded = false;
        if (norm != null && norm.kind() == NormKind.BATCH && statistics == Statistics.RUNNING) {
            FoldedConvolution both = FoldedConvolution.of(layer, norm, state);
            weight = both.weight();
            bias = both.bias();
            folded = true;
        } else if (norm != null) {
            // The norm takes the mean away, and any bias with it.
            bias = null;
        }
        String fused = norm == null || folded ? activation : NONE;
        if (layer instanceof Conv c) {
            conv(weight, bias, c.stride(), c.padding(), fused);
        } else if (layer instanceof ConvTranspose c) {
            if (processor && isDoubling(c) && 4 * c.out() <= 64) {
                doubling(c, weight, bias, fused);
            } else {
                convTranspose(c, weight, bias, fused);
            }
        }
        if (norm != null && !folded) {
            normalize(norm);
            activate(activation);
        }
    }

    private void conv(
            Tensor weight, @Nullable Tensor bias, int stride, int padding, String activation) {
        String w = store(weight);
        String b = bias == null ? "None" : store(bias);
        String geometry =
                "[%d, %d], [%d, %d], [1, 1], 1".formatted(padding, padding, stride, stride);
        if (processor) {
            prepare.append(
                    "    %s = ops.mkldnn._reorder_convolution_weight(%s, %s, None)\n"
                            .formatted(w, w, geometry));
            set(
                    "ops.mkldnn._convolution_pointwise(%s, %s, %s, %s, %s)"
                            .formatted(x, w, b, geometry, attribute(activation)));
        } else {
            channelsLast(w);
            set(
                    "torch.conv2d(%s, %s, %s, [%d, %d], [%d, %d])"
                            .formatted(x, w, b, stride, stride, padding, padding));
            activate(activation);
        }
    }

    private void convTranspose(
            ConvTranspose c, Tensor weight, @Nullable Tensor bias, String activation) {
        String w = store(weight);
        String b = bias == null ? "None" : store(bias);
        if (processor) {
            String geometry =
                    "[%d, %d], [%d, %d], [%d, %d], [1, 1], 1"
                            .formatted(
                                    c.padding(),
                                    c.padding(),
                                    c.outputPadding(),
                                    c.outputPadding(),
                                    c.stride(),
                                    c.stride());
            prepare.append(
                    "    %s = ops.mkldnn._reorder_convolution_transpose_weight(%s, %s, None)\n"
                            .formatted(w, w, geometry));
            set(
                    "ops.mkldnn._convolution_transpose_pointwise(%s, %s, %s, %s, %s)"
                            .formatted(x, w, b, geometry, attribute(activation)));
        } else {
            channelsLast(w);
            set(
                    "torch.conv_transpose2d(%s, %s, %s, [%d, %d], [%d, %d], [%d, %d])"
                            .formatted(
                                    x,
                                    w,
                                    b,
                                    c.stride(),
                                    c.stride(),
                                    c.padding(),
                                    c.padding(),
                                    c.outputPadding(),
                                    c.outputPadding()));
            activate(activation);
        }
    }

    private static boolean isDoubling(ConvTranspose c) {
        return c.kernel() == 4 && c.stride() == 2 && c.padding() == 1 && c.outputPadding() == 0;
    }

    /**
     * A transposed 4 x 4 convolution of stride 2 to few channels, as a 2 x 2 convolution to four
     * times the channels, one for each pixel of a 2 x 2 square, which are then put in their places:
     * three times as fast.
     */
    private void doubling(
            ConvTranspose c, Tensor weight, @Nullable Tensor bias, String activation) {
        int out = c.out();
        float[] from = weight.floats();
        float[] quarters = new float[4 * out * c.in() * 4];
        float[] shifts = new float[4 * out];
        int at = 0;
        for (int phase = 0; phase < 4; phase++) {
            int py = phase / 2;
            int px = phase % 2;
            for (int o = 0; o < out; o++) {
                shifts[phase * out + o] = bias == null ? 0 : bias.floats()[o];
                for (int i = 0; i < c.in(); i++) {
                    for (int tap = 0; tap < 4; tap++) {
                        int ky = 3 - py - 2 * (tap / 2);
                        int kx = 3 - px - 2 * (tap % 2);
                        quarters[at++] = from[((i * out + o) * 4 + ky) * 4 + kx];
                    }
                }
            }
        }
        conv(
                Tensor.of(quarters, 4 * out, c.in(), 2, 2),
                Tensor.of(shifts, 4 * out),
                1,
                1,
                activation);
        // z is one pixel higher and wider than the input: square (i, j) lies at (i + py, j + px).
        String z = "z" + values++;
        line("%s = torch.permute(%s, [0, 2, 3, 1])".formatted(z, x));
        String[] rows = new String[2];
        for (int py = 0; py < 2; py++) {
            String[] columns = new String[2];
            for (int px = 0; px < 2; px++) {
                int first = (2 * py + px) * out;
                columns[px] =
                        "torch.slice(torch.slice(torch.slice(%s, 1, %s), 2, %s), 3, %d, %d)"
                                .formatted(z, ends(py), ends(px), first, first + out);
            }
            rows[py] = "torch.stack([%s, %s], 3)".formatted(columns[0], columns[1]);
        }
        String y = "y" + values++;
        line("%s = torch.stack([%s, %s], 2)".formatted(y, rows[0], rows[1]));
        line("%s = torch.flatten(torch.flatten(%s, 1, 2), 2, 3)".formatted(y + "f", y));
        set("torch.permute(%sf, [0, 3, 1, 2])".formatted(y));
    }

    /** All but the last, or all but the first. */
    private static String ends(int phase) {
        return phase == 0 ? "0, -1" : "1, 9223372036854775807";
    }

    /**
     * The image's own statistics, in two passes: mean first, then the variance of what is left.
     * PyTorch's group norm, which would be one call, takes ten times as long below 32 x 32 pixels
     * in this memory layout, and above that its sums depend on how a batch is split over threads.
     */
    private void normalize(Layer.Norm norm) {
        String centred = "c" + values++;
        String scale = "s" + values++;
        line("%s = torch.sub_(%s, torch.mean(%s, [2, 3], True))".formatted(centred, x, x));
        line(
                "%s = torch.rsqrt(torch.add(torch.mean(torch.mul(%s, %s), [2, 3], True), %s))"
                        .formatted(scale, centred, centred, Layer.Norm.EPSILON));
        if (norm.kind() == NormKind.INSTANCE) {
            set("torch.mul_(%s, %s)".formatted(centred, scale));
            return;
        }
        int channels = norm.channels();
        String gamma = store(shaped(tensor(norm.key() + ".weight"), channels));
        String beta = store(shaped(tensor(norm.key() + ".bias"), channels));
        set(
                "torch.addcmul(%s, %s, torch.mul(%s, %s), value=1, out=%s)"
                        .formatted(beta, centred, scale, gamma, centred));
    }

    /** One number a channel, to be multiplied with [N, C, H, W]. */
    private static Tensor shaped(Tensor vector, int channels) {
        return Tensor.of(vector.floats(), 1, channels, 1, 1);
    }

    private void single(Layer layer) {
        String activation = activation(layer);
        if (!activation.equals(NONE)) {
            String slope = activation.equals(LEAKY_RELU) ? ", " + Layer.LeakyRelu.SLOPE : "";
            set("torch.%s(%s%s)".formatted(activation, x, slope));
        } else if (layer instanceof Layer.ReflectionPad p) {
            int n = p.size();
            set("torch.reflection_pad2d(%s, [%d, %d, %d, %d])".formatted(x, n, n, n, n));
        } else if (layer instanceof Layer.Keep k) {
            kept.put(k.name(), x);
        } else if (layer instanceof Layer.Add a) {
            set("torch.add(%s, %s)".formatted(recall(a.name()), x));
        } else {
            throw new IllegalStateException("No way to write " + layer);
        }
    }

    /** In place: x is nobody else's. */
    private void activate(String activation) {
        if (!activation.equals(NONE)) {
            String slope = activation.equals(LEAKY_RELU) ? ", " + Layer.LeakyRelu.SLOPE : "";
            set("torch.%s_(%s%s)".formatted(activation, x, slope));
        }
    }

    private static String attribute(String activation) {
        String scalars = activation.equals(LEAKY_RELU) ? "" + Layer.LeakyRelu.SLOPE : "";
        return "\"%s\", annotate(List[Optional[number]], [%s]), \"\""
                .formatted(activation, scalars);
    }

    private void channelsLast(String weight) {
        prepare.append(
                "    %s = torch.contiguous(%s, memory_format=2)\n".formatted(weight, weight));
    }

    private String store(Tensor tensor) {
        String name = "t" + tensors.size();
        tensors.put(name, tensor);
        return "self." + name;
    }

    private Tensor tensor(String key) {
        Tensor tensor = state.get(key);
        if (tensor == null) {
            throw new IllegalArgumentException("No " + key);
        }
        return tensor;
    }

    private String recall(String name) {
        String value = kept.get(name);
        if (value == null) {
            throw new IllegalStateException("Nothing was kept as " + name);
        }
        return value;
    }

    private void set(String expression) {
        x = "x" + values++;
        line(x + " = " + expression);
    }

    private void line(String line) {
        source.append("    ").append(line).append('\n');
    }
}
