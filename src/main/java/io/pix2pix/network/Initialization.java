package io.pix2pix.network;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Weights to start from: the reference's {@code init_type normal} with gain 0.02. */
public final class Initialization {
    private static final float GAIN = 0.02f;

    private Initialization() {}

    /**
     * A state dict with convolutions of N(0, 0.02), norm scales of N(1, 0.02), variances of 1 and
     * zeros elsewhere. The same seed gives the same bits; every tensor has a stream of its own.
     */
    public static Map<String, Tensor> normal(GeneratorSpec spec, long seed) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        spec.entries().forEach((key, entry) -> state.put(key, tensor(key, entry, seed)));
        return state;
    }

    private static Tensor tensor(String key, GeneratorSpec.Entry entry, long seed) {
        if (entry.counter()) {
            return Tensor.count(0);
        }
        List<Integer> shape = entry.shape();
        int[] sizes = shape.stream().mapToInt(Integer::intValue).toArray();
        float[] values = new float[Arrays.stream(sizes).reduce(1, Math::multiplyExact)];
        if (key.endsWith(".running_var")) {
            Arrays.fill(values, 1);
        } else if (key.endsWith(".weight")) {
            float mean = sizes.length == 1 ? 1 : 0;
            Random random = new Random(31 * seed + key.hashCode());
            for (int i = 0; i < values.length; i++) {
                values[i] = mean + GAIN * (float) random.nextGaussian();
            }
        }
        return Tensor.of(values, sizes);
    }
}
