package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TunedForward;
import io.pix2pix.testing.NaiveForward;
import io.pix2pix.testing.RandomState;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs for generators of every kind against loops over double numbers. */
class GeneratorForwardTest {
    private static final TensorEngine ENGINE =
            TensorEngine.open(new EngineSettings("cpu", 0, null, null));
    private static final double TOLERANCE = 2e-5;

    @ParameterizedTest
    @CsvSource({
        "unet_4, 3, 3, 3, BATCH, RUNNING, 8, 4",
        "unet_8, 2, 1, 17, BATCH, INSTANCE, 16, 24",
        "unet_16, 3, 3, 1, BATCH, RUNNING, 32, 16",
        "unet_16, 2, 4, 3, INSTANCE, INSTANCE, 32, 32",
        "unet_16, 2, 4, 3, INSTANCE, RUNNING, 32, 32",
        "resnet_1blocks, 3, 3, 3, BATCH, RUNNING, 16, 20",
        "resnet_2blocks, 2, 1, 1, BATCH, INSTANCE, 20, 16",
        "resnet_2blocks, 2, 3, 2, INSTANCE, INSTANCE, 16, 16"
    })
    void everyProgramGivesWhatTheNetworkIs(
            String network,
            int filters,
            int in,
            int out,
            NormKind norm,
            Statistics statistics,
            int height,
            int width)
            throws IOException {
        for (boolean dropout : new boolean[] {false, true}) {
            GeneratorSpec spec =
                    new GeneratorSpec(Architecture.parse(network), filters, in, out, norm, dropout);
            Map<String, Tensor> state = RandomState.of(spec, 5);
            Tensor images = RandomState.images(6, 2, in, height, width);
            Tensor expected = NaiveForward.run(spec, state, statistics, images);
            try (LoadedModule plain =
                            LoadedModule.load(ENGINE, PlainForward.of(spec, state, statistics));
                    LoadedModule cpu =
                            LoadedModule.load(
                                    ENGINE, TunedForward.of(spec, state, statistics, true));
                    LoadedModule gpu =
                            LoadedModule.load(
                                    ENGINE, TunedForward.of(spec, state, statistics, false))) {
                cpu.runVoid("prepare");
                gpu.runVoid("prepare");
                assertClose(plain.forward(images), expected);
                assertClose(cpu.forward(images), expected);
                assertClose(gpu.forward(images), expected);
            }
        }
    }

    @Test
    void foldsNormsWhoseVarianceIsZero() throws IOException {
        GeneratorSpec spec =
                new GeneratorSpec(Architecture.parse("unet_8"), 2, 3, 3, NormKind.BATCH, false);
        Map<String, Tensor> state = new LinkedHashMap<>(RandomState.of(spec, 5));
        state.replaceAll(
                (key, tensor) ->
                        key.endsWith("running_var")
                                ? Tensor.of(new float[tensor.size(0)], tensor.shape())
                                : tensor);
        Tensor images = RandomState.images(6, 1, 3, 8, 8);
        Tensor expected = NaiveForward.run(spec, state, Statistics.RUNNING, images);
        try (LoadedModule folded =
                LoadedModule.load(ENGINE, TunedForward.of(spec, state, Statistics.RUNNING, true))) {
            folded.runVoid("prepare");
            assertClose(folded.forward(images), expected);
        }
    }

    @Test
    void anImagesOutputDoesNotDependOnItsBatch() throws IOException {
        GeneratorSpec spec =
                new GeneratorSpec(Architecture.parse("unet_64"), 8, 3, 3, NormKind.BATCH, false);
        Map<String, Tensor> state = RandomState.of(spec, 5, 0.05);
        Tensor images = RandomState.images(6, 7, 3, 64, 64);
        int length = 3 * 64 * 64;
        for (Statistics statistics : new Statistics[] {Statistics.RUNNING, Statistics.INSTANCE}) {
            try (LoadedModule module =
                    LoadedModule.load(ENGINE, TunedForward.of(spec, state, statistics, true))) {
                module.runVoid("prepare");
                float[] together = module.forward(images).floats();
                for (int n = 0; n < 7; n++) {
                    float[] one = Arrays.copyOfRange(images.floats(), n * length, (n + 1) * length);
                    Tensor alone = module.forward(Tensor.of(one, 1, 3, 64, 64));
                    float[] batched = Arrays.copyOfRange(together, n * length, (n + 1) * length);
                    assertClose(alone, Tensor.of(batched, 1, 3, 64, 64), 1e-5);
                }
            }
        }
    }

    @Test
    void statisticsOverABatchAreNotForTranslating() {
        GeneratorSpec spec =
                new GeneratorSpec(Architecture.parse("unet_8"), 2, 3, 3, NormKind.BATCH, false);
        assertThatThrownBy(
                        () ->
                                TunedForward.of(
                                        spec, RandomState.of(spec, 1), Statistics.BATCH, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertClose(Tensor found, Tensor expected) {
        assertClose(found, expected, TOLERANCE);
    }

    private static void assertClose(Tensor found, Tensor expected, double tolerance) {
        assertThat(found.shape()).isEqualTo(expected.shape());
        double worst = 0;
        for (int i = 0; i < expected.floats().length; i++) {
            worst = Math.max(worst, Math.abs(found.floats()[i] - expected.floats()[i]));
        }
        assertThat(worst).isLessThan(tolerance);
    }
}
