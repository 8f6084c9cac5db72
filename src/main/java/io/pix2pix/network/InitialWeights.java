package io.pix2pix.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Weights before training, as the reference draws them by default ({@code init_type normal}). */
public final class InitialWeights {
    private static final double DEVIATION = 0.02;

    private InitialWeights() {}

    /**
     * Kernels N(0, 0.02), norm scales N(1, 0.02), biases and shifts 0, running statistics 0 and 1.
     *
     * @param layers the network
     * @param seed the same seed gives the same weights
     */
    public static Map<String, Tensor> normal(List<Layer> layers, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> state = new LinkedHashMap<>();
        GeneratorSpec.entries(layers)
                .forEach((key, entry) -> state.put(key, draw(key, entry, random)));
        return state;
    }

    private static Tensor draw(String key, GeneratorSpec.Entry entry, Random random) {
        if (entry.counter()) {
            return Tensor.count(0);
        }
        int[] shape = entry.shape().stream().mapToInt(Integer::intValue).toArray();
        boolean scale = shape.length == 1 && key.endsWith(".weight");
        double mean = scale || key.endsWith(".running_var") ? 1 : 0;
        double deviation = key.endsWith(".weight") ? DEVIATION : 0;
        float[] values = new float[entry.shape().stream().reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation == 0 ? mean : mean + deviation * random.nextGaussian());
        }
        return Tensor.of(values, shape);
    }
}
