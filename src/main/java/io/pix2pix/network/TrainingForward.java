package io.pix2pix.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Writes a network's forward pass as it runs in training, and in validation between two steps: its
 * tensors are variables of the program, which autograd can follow.
 */
final class TrainingForward {

    /** What a pass is for. */
    enum Pass {
        /** Statistics of the batch, which move the running ones; dropout. */
        TRAIN,
        /** Statistics of the batch, and no trace of the pass. */
        PROBE,
        /** Each image's own statistics, no dropout. */
        GENERATE,
        /** The running statistics, no dropout. */
        GENERATE_RUNNING;

        boolean isTraining() {
            return this == TRAIN || this == PROBE;
        }
    }

    /** PyTorch's number of a type. */
    private static final int FLOAT32 = 6;

    private static final int BFLOAT16 = 15;

    private final Source source;
    private final UnaryOperator<String> tensors;
    private final Precision precision;
    private final Pass pass;
    private final Map<String, String> kept = new HashMap<>();
    private int dropouts;

    /**
     * @param tensors how the program names the tensor with a key of the state dict
     */
    TrainingForward(Source source, UnaryOperator<String> tensors, Precision precision, Pass pass) {
        this.source = source;
        this.tensors = tensors;
        this.precision = precision;
        this.pass = pass;
    }

    /** Writes all layers; gives the name of the last value. */
    String write(List<Layer> layers, String input) {
        String x = input;
        for (Layer layer : layers) {
            x = write(layer, x);
        }
        return x;
    }

    private String write(Layer layer, String x) {
        if (layer instanceof Layer.Conv c) {
            return convolution(
                    c,
                    x,
                    c.bias(),
                    "conv2d",
                    "[%d, %d], [%d, %d]"
                            .formatted(c.stride(), c.stride(), c.padding(), c.padding()));
        } else if (layer instanceof Layer.ConvTranspose c) {
            return convolution(
                    c,
                    x,
                    c.bias(),
                    "conv_transpose2d",
                    "[%d, %d], [%d, %d], [%d, %d]"
                            .formatted(
                                    c.stride(),
                                    c.stride(),
                                    c.padding(),
                                    c.padding(),
                                    c.outputPadding(),
                                    c.outputPadding()));
        } else if (layer instanceof Layer.Norm n) {
            return source.set(normalized(n, x));
        } else if (layer instanceof Layer.Relu) {
            return source.set("torch.relu(%s)".formatted(x));
        } else if (layer instanceof Layer.LeakyRelu) {
            return source.set("torch.leaky_relu(%s, %s)".formatted(x, Layer.LeakyRelu.SLOPE));
        } else if (layer instanceof Layer.Tanh) {
            return source.set("torch.tanh(%s)".formatted(x));
        } else if (layer instanceof Layer.ReflectionPad p) {
            int n = p.size();
            return source.set(
                    "torch.reflection_pad2d(%s, [%d, %d, %d, %d])".formatted(x, n, n, n, n));
        } else if (layer instanceof Layer.Keep k) {
            kept.put(k.name(), x);
            return x;
        } else if (layer instanceof Layer.Concat c) {
            return source.set("torch.cat([%s, %s], 1)".formatted(recall(c.name()), x));
        } else if (layer instanceof Layer.Add a) {
            return source.set("torch.add(%s, %s)".formatted(recall(a.name()), x));
        } else if (layer instanceof Layer.Dropout) {
            return pass.isTraining() ? dropout(x) : x;
        }
        throw new IllegalStateException("No way to write " + layer);
    }

    private String convolution(
            Layer.Weighted layer, String x, boolean biased, String operator, String geometry) {
        String weight = tensors.apply(layer.key() + ".weight");
        String bias = biased ? tensors.apply(layer.key() + ".bias") : "None";
        String call =
                "torch.%s(%s, %s, %s, %s)"
                        .formatted(
                                operator,
                                lowered(x),
                                lowered(weight),
                                biased ? lowered(bias) : bias,
                                geometry);
        return source.set(
                precision == Precision.FLOAT32
                        ? call
                        : "torch.to(%s, %d)".formatted(call, FLOAT32));
    }

    private String lowered(String value) {
        return precision == Precision.FLOAT32
                ? value
                : "torch.to(%s, %d)".formatted(value, BFLOAT16);
    }

    private String normalized(Layer.Norm norm, String x) {
        boolean affine = norm.kind() == NormKind.BATCH;
        String head =
                affine
                        ? "%s, %s, %s, "
                                .formatted(
                                        x,
                                        tensors.apply(norm.key() + ".weight"),
                                        tensors.apply(norm.key() + ".bias"))
                        : x + ", None, None, ";
        String ownStatistics = pass == Pass.GENERATE_RUNNING && affine ? "False" : "True";
        String tail =
                ", %s, %s, %s, True)"
                        .formatted(ownStatistics, Layer.Norm.MOMENTUM, Layer.Norm.EPSILON);
        if (!affine || pass == Pass.GENERATE) {
            return "torch.instance_norm(" + head + "None, None" + tail;
        }
        String statistics =
                pass == Pass.PROBE
                        ? "None, None"
                        : tensors.apply(norm.key() + ".running_mean")
                                + ", "
                                + tensors.apply(norm.key() + ".running_var");
        return "torch.batch_norm(" + head + statistics + tail;
    }

    /**
     * Half of the values are 0, the others twice what they were. The mask is drawn on the CPU,
     * whatever the device, by a generator of this layer and step alone.
     */
    private String dropout(String x) {
        String mask =
                TrainingStep.drawn(
                        source, "torch.size(" + x + ")", "bernoulli_", "0.5", x, ++dropouts);
        return source.set("torch.mul(torch.mul(%s, %s), 2.)".formatted(x, mask));
    }

    private String recall(String name) {
        String value = kept.get(name);
        if (value == null) {
            throw new IllegalStateException("Nothing was kept as " + name);
        }
        return value;
    }
}
