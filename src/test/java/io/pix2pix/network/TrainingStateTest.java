package io.pix2pix.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.network.DiscriminatorSpec.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TrainingStateTest {
    private static final TrainingSpec SPEC = spec(4);

    private static TrainingSpec spec(int filters) {
        return new TrainingSpec(
                new GeneratorSpec(
                        Architecture.parse("unet_16"), filters, 3, 1, NormKind.BATCH, true),
                new DiscriminatorSpec(Kind.BASIC, 4, 2, 4, NormKind.BATCH),
                GanLoss.VANILLA,
                100,
                0.5,
                Precision.FLOAT32);
    }

    private static float[] floats(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name).floats();
    }

    @Test
    void holdsAllThatResumingNeedsInAFixedOrder() {
        TrainingState state = TrainingState.initial(SPEC, Initialization.NORMAL, 1);
        assertThat(state.firstMisfit(SPEC)).isEmpty();
        assertThat(state.steps()).isZero();
        assertThat(state.tensors().keySet())
                .containsExactlyElementsOf(TrainingState.entries(SPEC).keySet())
                .startsWith("G.model.model.0.weight")
                .containsSubsequence(
                        "G.model.model.3.bias",
                        "D.model.0.weight",
                        "D.model.3.num_batches_tracked",
                        "G.exp_avg.model.model.0.weight",
                        "G.exp_avg_sq.model.model.0.weight",
                        "D.exp_avg.model.0.weight",
                        "D.exp_avg_sq.model.8.bias",
                        "G.step",
                        "D.step");
        assertThat(state.generator().keySet())
                .containsExactlyElementsOf(SPEC.generator().entries().keySet());
        assertThat(state.discriminator().keySet())
                .containsExactlyElementsOf(SPEC.discriminator().entries().keySet());
        assertThat(floats(state.tensors(), "D.exp_avg.model.0.weight")).containsOnly(0);
    }

    @Test
    void followsTheSeedWithAStreamForEachNetwork() {
        Map<String, Tensor> first = TrainingState.initial(SPEC, Initialization.NORMAL, 1).tensors();
        Map<String, Tensor> same = TrainingState.initial(SPEC, Initialization.NORMAL, 1).tensors();
        Map<String, Tensor> other = TrainingState.initial(SPEC, Initialization.NORMAL, 2).tensors();
        String g = "G.model.model.0.weight";
        String d = "D.model.0.weight";
        assertThat(floats(same, g)).isEqualTo(floats(first, g));
        assertThat(floats(same, d)).isEqualTo(floats(first, d));
        assertThat(floats(other, g)).isNotEqualTo(floats(first, g));
        assertThat(floats(other, d)).isNotEqualTo(floats(first, d));
        assertThat(floats(first, g)[0]).isNotEqualTo(floats(first, d)[0]);
    }

    @Test
    void startsFromWeightsThatAreGiven() {
        Map<String, Tensor> given = InitialWeights.normal(SPEC.generator().layers(), 9);
        given.remove("model.model.1.model.2.num_batches_tracked");
        TrainingState state = TrainingState.of(SPEC, given, null, Initialization.NORMAL, 1);
        assertThat(state.firstMisfit(SPEC)).isEmpty();
        String key = "model.model.0.weight";
        assertThat(floats(state.generator(), key)).isEqualTo(floats(given, key));
        Map<String, Tensor> fresh =
                TrainingState.initial(SPEC, Initialization.NORMAL, 1).discriminator();
        assertThat(floats(state.discriminator(), "model.0.weight"))
                .isEqualTo(floats(fresh, "model.0.weight"));
    }

    @Test
    void namesTheFirstTensorThatDoesNotFit() {
        TrainingState state = TrainingState.initial(SPEC, Initialization.NORMAL, 1);
        assertThat(state.firstMisfit(spec(5)))
                .hasValueSatisfying(
                        misfit ->
                                assertThat(misfit)
                                        .contains("G.model.model.0.weight", "[5, 3, 4, 4]"));
        Map<String, Tensor> less = new LinkedHashMap<>(state.tensors());
        less.remove("D.exp_avg.model.0.bias");
        assertThat(new TrainingState(less).firstMisfit(SPEC))
                .hasValue("D.exp_avg.model.0.bias: expected float32 [4], found no such name");
        Map<String, Tensor> more = new LinkedHashMap<>(state.tensors());
        more.put("E.step", Tensor.count(1));
        assertThat(new TrainingState(more).firstMisfit(SPEC))
                .hasValue("E.step: expected no such name");
        Map<String, Tensor> wrong = new LinkedHashMap<>(state.tensors());
        wrong.put("G.step", Tensor.of(new float[1]));
        assertThat(new TrainingState(wrong).firstMisfit(SPEC)).isPresent();
    }

    @Test
    void networksMustFitEachOther() {
        assertThatThrownBy(
                        () ->
                                new TrainingSpec(
                                        SPEC.generator(),
                                        new DiscriminatorSpec(Kind.PIXEL, 4, 0, 6, NormKind.BATCH),
                                        GanLoss.LSGAN,
                                        100,
                                        0.5,
                                        Precision.FLOAT32))
                .hasMessageContaining("4 channels; found 6");
    }
}
