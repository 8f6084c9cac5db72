package io.pix2pix.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.testing.RandomState;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorSpecTest {

    private static GeneratorSpec spec(String network, int filters, NormKind norm, boolean dropout) {
        return new GeneratorSpec(Architecture.parse(network), filters, 3, 3, norm, dropout);
    }

    @ParameterizedTest
    @CsvSource({
        "unet_256, 54413955",
        "unet_128, 41828995",
        "resnet_9blocks, 11383427",
        "resnet_6blocks, 7841411"
    })
    void hasAsManyParametersAsTheReference(String network, long expected) {
        long parameters =
                spec(network, 64, NormKind.BATCH, false).entries().values().stream()
                        .filter(entry -> !entry.buffer())
                        .mapToLong(entry -> entry.shape().stream().reduce(1, Math::multiplyExact))
                        .sum();
        assertThat(parameters).isEqualTo(expected);
    }

    @Test
    void listsKeysInTheReferencesOrder() {
        assertThat(spec("unet_256", 64, NormKind.BATCH, true).entries()).hasSize(82);
        assertThat(spec("unet_8", 2, NormKind.BATCH, true).entries().keySet())
                .containsExactly(
                        "model.model.0.weight",
                        "model.model.1.model.1.weight",
                        "model.model.1.model.2.weight",
                        "model.model.1.model.2.bias",
                        "model.model.1.model.2.running_mean",
                        "model.model.1.model.2.running_var",
                        "model.model.1.model.2.num_batches_tracked",
                        "model.model.1.model.3.model.1.weight",
                        "model.model.1.model.3.model.3.weight",
                        "model.model.1.model.3.model.4.weight",
                        "model.model.1.model.3.model.4.bias",
                        "model.model.1.model.3.model.4.running_mean",
                        "model.model.1.model.3.model.4.running_var",
                        "model.model.1.model.3.model.4.num_batches_tracked",
                        "model.model.1.model.5.weight",
                        "model.model.1.model.6.weight",
                        "model.model.1.model.6.bias",
                        "model.model.1.model.6.running_mean",
                        "model.model.1.model.6.running_var",
                        "model.model.1.model.6.num_batches_tracked",
                        "model.model.3.weight",
                        "model.model.3.bias");
    }

    @Test
    void dropoutShiftsTheKeysOfResidualBlocks() {
        assertThat(spec("resnet_1blocks", 2, NormKind.INSTANCE, false).entries().keySet())
                .contains("model.10.conv_block.1.weight", "model.10.conv_block.5.weight");
        assertThat(spec("resnet_1blocks", 2, NormKind.INSTANCE, true).entries().keySet())
                .contains("model.10.conv_block.1.weight", "model.10.conv_block.6.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "unet_4, BATCH, false",
        "unet_8, INSTANCE, false",
        "unet_64, BATCH, false",
        "resnet_2blocks, BATCH, true",
        "resnet_2blocks, BATCH, false",
        "resnet_3blocks, INSTANCE, true",
        "resnet_3blocks, INSTANCE, false"
    })
    void isInferredFromItsOwnTensors(String network, NormKind norm, boolean dropout) {
        GeneratorSpec spec = new GeneratorSpec(Architecture.parse(network), 3, 2, 5, norm, dropout);
        Map<String, Tensor> state = RandomState.of(spec, 1);
        assertThat(spec.architecture().infer(state)).contains(spec);
        assertThat(spec.firstMisfit(state)).isEmpty();
        assertThat(Architecture.recognize(state)).contains(spec.architecture());
    }

    @Test
    void namesTheFirstKeyThatDoesNotFit() {
        GeneratorSpec spec = spec("unet_8", 4, NormKind.BATCH, false);
        Map<String, Tensor> state = new LinkedHashMap<>(RandomState.of(spec, 1));
        state.put("extra", Tensor.count(1));
        assertThat(spec.firstMisfit(state)).contains("extra: expected no such key, found int64 1");
        state.put("model.model.1.model.5.weight", Tensor.of(new float[6], 2, 3));
        assertThat(spec.firstMisfit(state))
                .contains(
                        "model.model.1.model.5.weight: expected [16, 4, 4, 4], found float32 [2, 3]");
        state.remove("model.model.1.model.2.bias");
        assertThat(spec.firstMisfit(state))
                .contains("model.model.1.model.2.bias: expected [8], found no such key");
    }

    @Test
    void doesWithoutCounters() {
        GeneratorSpec spec = spec("unet_8", 4, NormKind.BATCH, false);
        Map<String, Tensor> state = new LinkedHashMap<>(RandomState.of(spec, 1));
        state.keySet().removeIf(key -> key.endsWith("num_batches_tracked"));
        assertThat(spec.firstMisfit(state)).isEmpty();
        assertThat(spec.ordered(state).keySet()).containsExactlyElementsOf(spec.entries().keySet());
    }

    @Test
    void doesWithStatisticsThatOldInstanceNormsStored() {
        GeneratorSpec spec = spec("unet_8", 4, NormKind.INSTANCE, false);
        Map<String, Tensor> state = new LinkedHashMap<>(RandomState.of(spec, 1));
        state.put("model.model.1.model.2.running_mean", Tensor.of(new float[8], 8));
        assertThat(spec.firstMisfit(state)).isEmpty();
        assertThat(spec.ordered(state).keySet()).containsExactlyElementsOf(spec.entries().keySet());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"unet_100", "unet_2", "unet", "resnet_0blocks", "vgg", "", "unet_999999"})
    void refusesUnknownNetworks(String word) {
        assertThatThrownBy(() -> Architecture.parse(word))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unet_256", "unet_128", "unet_64", "resnet_9blocks", "resnet_6blocks"})
    void readsTheNamesItGives(String word) {
        assertThat(Architecture.parse(word).word()).isEqualTo(word);
    }
}
