package io.pix2pix.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
}
