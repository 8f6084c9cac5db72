package io.pix2pix.network;

/**
 * One step of a network. A network is a list of them, each taking the current value x (a tensor [N,
 * C, H, W]) to the next; {@link Keep}, {@link Concat} and {@link Add} reach over several steps.
 *
 * <p>{@code key} is the layer's name in the reference's state dict. The list's order is also the
 * state dict's.
 */
public sealed interface Layer {

    /** A layer whose tensors are in the state dict. */
    sealed interface Weighted extends Layer {
        String key();
    }

    /** Square kernel; weight [out, in, kernel, kernel], bias [out]. Padded with zeros. */
    record Conv(String key, int in, int out, int kernel, int stride, int padding, boolean bias)
            implements Weighted {}

    /** Transposed convolution; weight [in, out, kernel, kernel], bias [out]. */
    record ConvTranspose(
            String key,
            int in,
            int out,
            int kernel,
            int stride,
            int padding,
            int outputPadding,
            boolean bias)
            implements Weighted {}

    /** Normalization per channel, epsilon {@link #EPSILON}. */
    record Norm(String key, int channels, NormKind kind) implements Weighted {
        public static final double EPSILON = 1e-5;
        public static final double MOMENTUM = 0.1;
    }

    record Relu() implements Layer {}

    /** Negative slope {@link #SLOPE}. */
    record LeakyRelu() implements Layer {
        public static final double SLOPE = 0.2;
    }

    record Tanh() implements Layer {}

    /** Mirrors {@code size} pixels over each edge. */
    record ReflectionPad(int size) implements Layer {}

    /** Probability 0.5, when training; nothing when translating. */
    record Dropout() implements Layer {}

    /** Remembers x under a name. */
    record Keep(String name) implements Layer {}

    /** x = the remembered tensor and x, joined along the channels. */
    record Concat(String name) implements Layer {}

    /** x = the remembered tensor + x. */
    record Add(String name) implements Layer {}
}
