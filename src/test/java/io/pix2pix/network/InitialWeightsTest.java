package io.pix2pix.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InitialWeightsTest {

    private static final GeneratorSpec SPEC =
            new GeneratorSpec(Architecture.parse("unet_8"), 16, 3, 3, NormKind.BATCH, false);

    @Test
    void drawsAsTheReferenceDoes() {
        Map<String, Tensor> state = InitialWeights.normal(SPEC.layers(), 7);
        assertThat(SPEC.firstMisfit(state)).isEmpty();
        float[] kernel = Objects.requireNonNull(state.get("model.model.1.model.1.weight")).floats();
        double squares = 0;
        for (float value : kernel) {
            squares += value * value;
        }
        assertThat(Math.sqrt(squares / kernel.length)).isCloseTo(0.02, within(0.001));
        assertThat(Objects.requireNonNull(state.get("model.model.3.bias")).floats())
                .containsOnly(0);
        assertThat(Objects.requireNonNull(state.get("model.model.1.model.2.running_var")).floats())
                .containsOnly(1);
    }

    @Test
    void dependsOnTheSeedAlone() {
        String key = "model.model.0.weight";
        float[] first =
                Objects.requireNonNull(InitialWeights.normal(SPEC.layers(), 1).get(key)).floats();
        float[] again =
                Objects.requireNonNull(InitialWeights.normal(SPEC.layers(), 1).get(key)).floats();
        float[] other =
                Objects.requireNonNull(InitialWeights.normal(SPEC.layers(), 2).get(key)).floats();
        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    private static float[] kernel(Initialization initialization, int in, int out) {
        Layer layer = new Layer.Conv("c", in, out, 4, 2, 1, true);
        Map<String, Tensor> state = InitialWeights.draw(List.of(layer), initialization, 5);
        assertThat(Objects.requireNonNull(state.get("c.bias")).floats()).containsOnly(0);
        return Objects.requireNonNull(state.get("c.weight")).floats();
    }

    private static double deviation(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / values.length);
    }

    @Test
    void drawsKernelsAsTheReferenceDoes() {
        assertThat(deviation(kernel(Initialization.NORMAL, 16, 64))).isCloseTo(0.02, offset(4e-4));
        // Fans: 16 * 16 in, 64 * 16 out.
        assertThat(deviation(kernel(Initialization.XAVIER, 16, 64)))
                .isCloseTo(0.02 * Math.sqrt(2.0 / 1280), offset(2e-5));
        assertThat(deviation(kernel(Initialization.KAIMING, 16, 64)))
                .isCloseTo(Math.sqrt(2.0 / 256), offset(2e-3));
    }

    @Test
    void drawsOrthogonalKernels() {
        float[] wide = kernel(Initialization.ORTHOGONAL, 3, 8);
        for (int a = 0; a < 8; a++) {
            for (int b = 0; b <= a; b++) {
                double product = 0;
                for (int k = 0; k < 48; k++) {
                    product += (double) wide[a * 48 + k] * wide[b * 48 + k];
                }
                assertThat(product).isCloseTo(a == b ? 4e-4 : 0, offset(1e-9));
            }
        }
        float[] tall = kernel(Initialization.ORTHOGONAL, 1, 40);
        for (int a = 0; a < 16; a++) {
            for (int b = 0; b <= a; b++) {
                double product = 0;
                for (int row = 0; row < 40; row++) {
                    product += (double) tall[row * 16 + a] * tall[row * 16 + b];
                }
                assertThat(product).isCloseTo(a == b ? 4e-4 : 0, offset(1e-9));
            }
        }
    }
}
