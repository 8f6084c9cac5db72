package io.pix2pix.testing;

import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Layer;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A generator's forward pass written for clarity: loops over double numbers, one image at a time.
 * It shares nothing with the programs it is there to check but the list of layers.
 */
public final class NaiveForward {
    private final Map<String, Tensor> state;
    private final Statistics statistics;

    private NaiveForward(Map<String, Tensor> state, Statistics statistics) {
        this.state = state;
        this.statistics = statistics;
    }

    /**
     * Runs a generator.
     *
     * @param images [N, C, H, W]
     * @param statistics not {@link Statistics#BATCH}
     */
    public static Tensor run(
            GeneratorSpec spec, Map<String, Tensor> state, Statistics statistics, Tensor images) {
        NaiveForward forward = new NaiveForward(state, statistics);
        int count = images.size(0);
        int length = images.floats().length / count;
        float[] all = new float[0];
        int[] shape = new int[4];
        for (int n = 0; n < count; n++) {
            Image x = new Image(images.size(1), images.size(2), images.size(3));
            for (int i = 0; i < length; i++) {
                x.values[i] = images.floats()[n * length + i];
            }
            Map<String, Image> kept = new HashMap<>();
            for (Layer layer : spec.layers()) {
                x = forward.apply(layer, x, kept);
            }
            if (n == 0) {
                all = new float[count * x.values.length];
                shape = new int[] {count, x.channels, x.height, x.width};
            }
            for (int i = 0; i < x.values.length; i++) {
                all[n * x.values.length + i] = (float) x.values[i];
            }
        }
        return Tensor.of(all, shape);
    }

    private static final class Image {
        final int channels;
        final int height;
        final int width;
        final double[] values;

        Image(int channels, int height, int width) {
            this.channels = channels;
            this.height = height;
            this.width = width;
            this.values = new double[channels * height * width];
        }

        int index(int c, int y, int x) {
            return (c * height + y) * width + x;
        }

        boolean has(int y, int x) {
            return y >= 0 && y < height && x >= 0 && x < width;
        }
    }

    private Image apply(Layer layer, Image x, Map<String, Image> kept) {
        if (layer instanceof Layer.Conv c) {
            return convolve(c, x);
        } else if (layer instanceof Layer.ConvTranspose c) {
            return convolveTransposed(c, x);
        } else if (layer instanceof Layer.Norm n) {
            return normalize(n, x);
        } else if (layer instanceof Layer.ReflectionPad p) {
            return reflect(x, p.size());
        } else if (layer instanceof Layer.Keep k) {
            kept.put(k.name(), x);
            return x;
        } else if (layer instanceof Layer.Concat c) {
            return join(Objects.requireNonNull(kept.get(c.name())), x);
        }
        Image y = new Image(x.channels, x.height, x.width);
        for (int i = 0; i < y.values.length; i++) {
            double v = x.values[i];
            if (layer instanceof Layer.Relu) {
                y.values[i] = Math.max(v, 0);
            } else if (layer instanceof Layer.LeakyRelu) {
                y.values[i] = v < 0 ? 0.2 * v : v;
            } else if (layer instanceof Layer.Tanh) {
                y.values[i] = Math.tanh(v);
            } else if (layer instanceof Layer.Add a) {
                y.values[i] = v + Objects.requireNonNull(kept.get(a.name())).values[i];
            } else {
                y.values[i] = v;
            }
        }
        return y;
    }

    private float[] values(Layer.Weighted layer, String name) {
        return Objects.requireNonNull(state.get(layer.key() + "." + name)).floats();
    }

    private Image convolve(Layer.Conv c, Image x) {
        int k = c.kernel();
        Image y =
                new Image(
                        c.out(),
                        (x.height + 2 * c.padding() - k) / c.stride() + 1,
                        (x.width + 2 * c.padding() - k) / c.stride() + 1);
        float[] weight = values(c, "weight");
        for (int o = 0; o < c.out(); o++) {
            for (int i = 0; i < y.height; i++) {
                for (int j = 0; j < y.width; j++) {
                    double sum = c.bias() ? values(c, "bias")[o] : 0;
                    for (int n = 0; n < c.in() * k * k; n++) {
                        int row = i * c.stride() - c.padding() + n / k % k;
                        int column = j * c.stride() - c.padding() + n % k;
                        if (x.has(row, column)) {
                            double value = x.values[x.index(n / k / k, row, column)];
                            sum += value * weight[o * c.in() * k * k + n];
                        }
                    }
                    y.values[y.index(o, i, j)] = sum;
                }
            }
        }
        return y;
    }

    private Image convolveTransposed(Layer.ConvTranspose c, Image x) {
        int k = c.kernel();
        int shrink = k + c.outputPadding() - 2 * c.padding();
        Image y =
                new Image(
                        c.out(),
                        (x.height - 1) * c.stride() + shrink,
                        (x.width - 1) * c.stride() + shrink);
        float[] weight = values(c, "weight");
        for (int o = 0; o < c.out(); o++) {
            for (int i = 0; i < y.height * y.width; i++) {
                y.values[o * y.height * y.width + i] = c.bias() ? values(c, "bias")[o] : 0;
            }
            for (int n = 0; n < c.in() * x.height * x.width; n++) {
                int from = n / x.width / x.height;
                for (int tap = 0; tap < k * k; tap++) {
                    int row = n / x.width % x.height * c.stride() - c.padding() + tap / k;
                    int column = n % x.width * c.stride() - c.padding() + tap % k;
                    if (y.has(row, column)) {
                        y.values[y.index(o, row, column)] +=
                                x.values[n] * weight[(from * c.out() + o) * k * k + tap];
                    }
                }
            }
        }
        return y;
    }

    private Image normalize(Layer.Norm norm, Image x) {
        boolean batch = norm.kind() == NormKind.BATCH;
        Image y = new Image(x.channels, x.height, x.width);
        int area = x.height * x.width;
        for (int c = 0; c < x.channels; c++) {
            double mean = 0;
            double variance = 0;
            if (batch && statistics == Statistics.RUNNING) {
                mean = values(norm, "running_mean")[c];
                variance = values(norm, "running_var")[c];
            } else {
                for (int i = 0; i < area; i++) {
                    mean += x.values[c * area + i] / area;
                }
                for (int i = 0; i < area; i++) {
                    variance += Math.pow(x.values[c * area + i] - mean, 2) / area;
                }
            }
            double scale = (batch ? values(norm, "weight")[c] : 1) / Math.sqrt(variance + 1e-5);
            double shift = batch ? values(norm, "bias")[c] : 0;
            for (int i = c * area; i < (c + 1) * area; i++) {
                y.values[i] = (x.values[i] - mean) * scale + shift;
            }
        }
        return y;
    }

    private static Image reflect(Image x, int size) {
        Image y = new Image(x.channels, x.height + 2 * size, x.width + 2 * size);
        for (int c = 0; c < y.channels; c++) {
            for (int i = 0; i < y.height; i++) {
                for (int j = 0; j < y.width; j++) {
                    int row = mirrored(i - size, x.height);
                    int column = mirrored(j - size, x.width);
                    y.values[y.index(c, i, j)] = x.values[x.index(c, row, column)];
                }
            }
        }
        return y;
    }

    private static int mirrored(int i, int size) {
        return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i;
    }

    private static Image join(Image a, Image b) {
        Image y = new Image(a.channels + b.channels, a.height, a.width);
        System.arraycopy(a.values, 0, y.values, 0, a.values.length);
        System.arraycopy(b.values, 0, y.values, a.values.length, b.values.length);
        return y;
    }
}
