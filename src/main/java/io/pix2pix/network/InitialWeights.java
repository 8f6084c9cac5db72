package io.pix2pix.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Weights before training, as the reference draws them. */
public final class InitialWeights {
    private static final double GAIN = 0.02;

    private InitialWeights() {}

    /** As {@link #draw} by the reference's default, {@code init_type normal}. */
    public static Map<String, Tensor> normal(List<Layer> layers, long seed) {
        return draw(layers, Initialization.NORMAL, seed);
    }

    /**
     * Kernels as chosen, norm scales N(1, 0.02), biases and shifts 0, running statistics 0 and 1.
     *
     * @param layers the network
     * @param seed the same seed gives the same weights
     */
    public static Map<String, Tensor> draw(
            List<Layer> layers, Initialization initialization, long seed) {
        Random random = new Random(seed);
        Map<String, Tensor> state = new LinkedHashMap<>();
        Network.entries(layers)
                .forEach((key, entry) -> state.put(key, draw(key, entry, initialization, random)));
        return state;
    }

    private static Tensor draw(
            String key, Network.Entry entry, Initialization initialization, Random random) {
        if (entry.counter()) {
            return Tensor.count(0);
        }
        int[] shape = entry.shape().stream().mapToInt(Integer::intValue).toArray();
        int count = entry.shape().stream().reduce(1, Math::multiplyExact);
        if (shape.length == 4) {
            return Tensor.of(kernel(shape, count, initialization, random), shape);
        }
        boolean scale = key.endsWith(".weight");
        double mean = scale || key.endsWith(".running_var") ? 1 : 0;
        return Tensor.of(normal(count, mean, scale ? GAIN : 0, random), shape);
    }

    private static float[] kernel(
            int[] shape, int count, Initialization initialization, Random random) {
        // PyTorch counts a transposed convolution's fans by the weight's shape, too.
        double area = (double) shape[2] * shape[3];
        double fanIn = shape[1] * area;
        double fanOut = shape[0] * area;
        return switch (initialization) {
            case NORMAL -> normal(count, 0, GAIN, random);
            case XAVIER -> normal(count, 0, GAIN * Math.sqrt(2 / (fanIn + fanOut)), random);
            case KAIMING -> normal(count, 0, Math.sqrt(2 / fanIn), random);
            case ORTHOGONAL -> orthogonal(shape[0], count / shape[0], random);
        };
    }

    private static float[] normal(int count, double mean, double deviation, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation == 0 ? mean : mean + deviation * random.nextGaussian());
        }
        return values;
    }

    /**
     * Rows (or columns, when there are more rows) that are orthogonal and of length {@link #GAIN},
     * by modified Gram-Schmidt on normal numbers.
     */
    private static float[] orthogonal(int rows, int columns, Random random) {
        int vectors = Math.min(rows, columns);
        int length = Math.max(rows, columns);
        double[][] basis = new double[vectors][length];
        for (int i = 0; i < vectors; i++) {
            double[] v = basis[i];
            for (int k = 0; k < length; k++) {
                v[k] = random.nextGaussian();
            }
            // Twice is enough (Kahan) for full accuracy.
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    subtract(v, basis[j], dot(v, basis[j]));
                }
            }
            double norm = Math.sqrt(dot(v, v));
            for (int k = 0; k < length; k++) {
                v[k] /= norm;
            }
        }
        float[] values = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                double value = rows <= columns ? basis[r][c] : basis[c][r];
                values[r * columns + c] = (float) (GAIN * value);
            }
        }
        return values;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    private static void subtract(double[] from, double[] vector, double factor) {
        for (int k = 0; k < from.length; k++) {
            from[k] -= factor * vector[k];
        }
    }
}
