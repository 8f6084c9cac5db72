package io.pix2pix.network;

import java.util.Map;

/**
 * A convolution's weight and bias with the batch norm that follows it folded in, so that the norm
 * costs nothing: scale = gamma / sqrt(variance + epsilon); weight * scale, (bias - mean) * scale +
 * beta. Computed in double, which is exact to 1e-6 even where the variance is 0.
 *
 * @param weight of the convolution's own shape
 * @param bias [out]
 */
record FoldedConvolution(Tensor weight, Tensor bias) {

    static FoldedConvolution of(
            Layer.Weighted convolution, Layer.Norm norm, Map<String, Tensor> state) {
        Tensor weight = get(state, convolution.key() + ".weight");
        Tensor bias = state.get(convolution.key() + ".bias");
        float[] gamma = get(state, norm.key() + ".weight").floats();
        float[] beta = get(state, norm.key() + ".bias").floats();
        float[] mean = get(state, norm.key() + ".running_mean").floats();
        float[] variance = get(state, norm.key() + ".running_var").floats();
        double[] scale = new double[norm.channels()];
        float[] shift = new float[norm.channels()];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = gamma[c] / Math.sqrt(variance[c] + Layer.Norm.EPSILON);
            double own = bias == null ? 0 : bias.floats()[c];
            shift[c] = (float) ((own - mean[c]) * scale[c] + beta[c]);
        }
        // A transposed convolution's weight is [in, out, k, k].
        boolean transposed = convolution instanceof Layer.ConvTranspose;
        int area = weight.size(2) * weight.size(3);
        int second = weight.size(1);
        float[] values = weight.floats().clone();
        for (int i = 0; i < values.length; i++) {
            int out = transposed ? i / area % second : i / area / second;
            values[i] = (float) (values[i] * scale[out]);
        }
        return new FoldedConvolution(
                Tensor.of(values, weight.shape()), Tensor.of(shift, shift.length));
    }

    private static Tensor get(Map<String, Tensor> state, String key) {
        Tensor tensor = state.get(key);
        if (tensor == null) {
            throw new IllegalArgumentException("No " + key);
        }
        return tensor;
    }
}
