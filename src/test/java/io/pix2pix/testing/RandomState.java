package io.pix2pix.testing;

import io.pix2pix.image.Pixels;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Weights and images drawn from a seed. */
public final class RandomState {
    private RandomState() {}

    /** A state dict of which every tensor matters: no bias is 0, no scale is 1. */
    public static Map<String, Tensor> of(GeneratorSpec spec, long seed) {
        return of(spec, seed, 0.2);
    }

    /** As {@link #of(GeneratorSpec, long)}, with kernels and biases of this standard deviation. */
    public static Map<String, Tensor> of(GeneratorSpec spec, long seed, double deviation) {
        Random random = new Random(seed);
        Map<String, Tensor> state = new LinkedHashMap<>();
        spec.entries()
                .forEach(
                        (key, entry) -> {
                            if (entry.counter()) {
                                state.put(key, Tensor.count(17));
                                return;
                            }
                            int[] shape =
                                    entry.shape().stream().mapToInt(Integer::intValue).toArray();
                            int count = entry.shape().stream().reduce(1, Math::multiplyExact);
                            float[] values = new float[count];
                            for (int i = 0; i < count; i++) {
                                values[i] = value(key, shape.length, deviation, random);
                            }
                            state.put(key, Tensor.of(values, shape));
                        });
        return state;
    }

    private static float value(String key, int dimensions, double deviation, Random random) {
        if (key.endsWith("running_var")) {
            return 0.5f + random.nextFloat();
        }
        boolean scale = dimensions == 1 && key.endsWith("weight");
        return (float)
                (scale ? 1 + 0.2 * random.nextGaussian() : deviation * random.nextGaussian());
    }

    /** Numbers in [-1, 1]. */
    public static Tensor images(long seed, int... shape) {
        Random random = new Random(seed);
        int count = 1;
        for (int size : shape) {
            count *= size;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = 2 * random.nextFloat() - 1;
        }
        return Tensor.of(values, shape);
    }

    /** An image of 8 bits a sample. */
    public static Pixels pixels(int width, int height, int channels, long seed) {
        byte[] samples = new byte[width * height * channels];
        new Random(seed).nextBytes(samples);
        return Pixels.of8(width, height, channels, samples);
    }
}
