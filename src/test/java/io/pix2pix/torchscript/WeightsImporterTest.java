package io.pix2pix.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.testing.PthFile;
import io.pix2pix.testing.RandomState;
import io.pix2pix.torchscript.WeightsImporter.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsImporterTest {
    private static final GeneratorSpec SPEC =
            new GeneratorSpec(Architecture.parse("unet_8"), 3, 2, 5, NormKind.BATCH, false);
    private static final Map<String, Tensor> STATE = RandomState.of(SPEC, 1);
    private static final Wanted WANTED = Wanted.of(SPEC.architecture());

    private Path pth = Path.of("");
    private Path pt = Path.of("");

    @BeforeEach
    void files(@TempDir Path folder) {
        pth = folder.resolve("latest_net_G.pth");
        pt = folder.resolve("generator.pt");
    }

    @Test
    void readsTheZipFormat() {
        PthFile.writeZip(pth, STATE);
        assertImported();
    }

    @Test
    void readsTheBarePickleFormat() {
        PthFile.writeBare(pth, STATE);
        assertImported();
    }

    @Test
    void readsDoublesAndAnyStrides() {
        PthFile.writeZip(pth, STATE, true, true);
        assertImported();
    }

    @Test
    void readsWeightsOfParallelTraining() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        STATE.forEach((key, tensor) -> state.put("module." + key, tensor));
        PthFile.writeZip(pth, state);
        assertImported();
    }

    @Test
    void doesWithoutCounters() {
        Map<String, Tensor> state = new LinkedHashMap<>(STATE);
        state.keySet().removeIf(key -> key.endsWith("num_batches_tracked"));
        PthFile.writeBare(pth, state);
        GeneratorArchive found = WeightsImporter.importWeights(pth, pt, WANTED);
        assertThat(found.state().keySet()).containsExactlyElementsOf(STATE.keySet());
    }

    private void assertImported() {
        GeneratorArchive imported = WeightsImporter.importWeights(pth, pt, WANTED);
        assertThat(imported.spec()).isEqualTo(SPEC);
        assertThat(imported.statistics()).isEqualTo(Statistics.INSTANCE);
        GeneratorArchive read =
                GeneratorArchive.read(pt, GeneratorArchive.describe(pt).orElseThrow());
        assertThat(read.spec()).isEqualTo(SPEC);
        assertThat(read.state().keySet()).containsExactlyElementsOf(STATE.keySet());
        read.state()
                .forEach(
                        (key, tensor) -> {
                            Tensor expected = STATE.get(key);
                            assertThat(expected).as(key).isNotNull();
                            if (expected != null) {
                                assertThat(tensor.shape()).as(key).isEqualTo(expected.shape());
                                assertThat(tensor.floats()).as(key).isEqualTo(expected.floats());
                                assertThat(tensor.count()).as(key).isEqualTo(expected.count());
                            }
                        });
    }

    @Test
    void theSameWeightsGiveTheSameBytes() throws IOException {
        PthFile.writeZip(pth, STATE);
        WeightsImporter.importWeights(pth, pt, WANTED);
        byte[] first = Files.readAllBytes(pt);
        WeightsImporter.importWeights(pth, pt, WANTED);
        assertThat(Files.readAllBytes(pt)).isEqualTo(first);
    }

    @Test
    void keepsTheNormalizationThatWasAskedFor() {
        PthFile.writeZip(pth, STATE);
        Wanted running = new Wanted(SPEC.architecture(), 3, NormKind.BATCH, Statistics.RUNNING);
        WeightsImporter.importWeights(pth, pt, running);
        assertThat(GeneratorArchive.describe(pt).orElseThrow().statistics())
                .isEqualTo(Statistics.RUNNING);
    }

    @Test
    void aWrongNetworkIsNamedByItsFirstKeyThatDoesNotFit() {
        PthFile.writeZip(pth, STATE);
        assertRefused(
                Wanted.of(Architecture.parse("unet_16")),
                "WRONG_NETWORK",
                "model.model.1.model.3.model.2.weight: expected [12], found no such key",
                "the weights are those of unet_8");
        assertRefused(
                Wanted.of(Architecture.parse("resnet_9blocks")),
                "WRONG_NETWORK",
                "model.1.weight: expected the weight of a convolution, found no such key");
        assertRefused(
                new Wanted(SPEC.architecture(), 64, null, null),
                "WRONG_NETWORK",
                "model.model.0.weight: expected [64, 2, 4, 4], found float32 [3, 2, 4, 4]");
        assertRefused(
                new Wanted(SPEC.architecture(), null, NormKind.INSTANCE, null),
                "WRONG_NETWORK",
                "model.model.0.bias: expected [3], found no such key");
    }

    @Test
    void aResnetOfAnotherDepthIsNamedByItsFirstKeyThatDoesNotFit() {
        GeneratorSpec spec =
                new GeneratorSpec(
                        Architecture.parse("resnet_3blocks"), 2, 3, 3, NormKind.BATCH, false);
        PthFile.writeZip(pth, RandomState.of(spec, 1));
        assertRefused(
                Wanted.of(Architecture.parse("resnet_2blocks")),
                "WRONG_NETWORK",
                "model.12.weight: expected [8, 4, 3, 3], found no such key",
                "the weights are those of resnet_3blocks");
    }

    @Test
    void whatIsNoStateDictIsRefused() throws IOException {
        assertRefused(WANTED, "NOT_FOUND", pth.toString());
        Files.writeString(pth, "");
        assertRefused(WANTED, "NOT_A_STATE_DICT", "it is empty");
        Files.writeString(pth, "hello");
        assertRefused(WANTED, "NOT_A_STATE_DICT", "neither a zip file nor a pickle");
        PthFile.writeZip(pth, new byte[] {(byte) 0x80, 2, ']', '.'}, List.of());
        assertRefused(WANTED, "NOT_A_STATE_DICT", "expected a dictionary of tensors");
    }

    @Test
    void aModuleIsToldFromAStateDict() {
        PthFile.writeZip(pth, STATE);
        WeightsImporter.importWeights(pth, pt, WANTED);
        Path copy = pth.resolveSibling("other.pth");
        assertThatThrownBy(() -> WeightsImporter.importWeights(pt, copy, WANTED))
                .hasMessageContaining("is a TorchScript module already");
    }

    @Test
    void aFileThatWasCutOffIsRefused() throws IOException {
        PthFile.writeBare(pth, STATE);
        byte[] whole = Files.readAllBytes(pth);
        for (int length : new int[] {1, 13, 100, whole.length / 2, whole.length - 1}) {
            Files.write(pth, Arrays.copyOf(whole, length));
            assertRefused(WANTED, "NOT_A_STATE_DICT", pth.toString());
        }
        PthFile.writeZip(pth, STATE);
        byte[] zip = Files.readAllBytes(pth);
        Files.write(pth, Arrays.copyOf(zip, zip.length / 2));
        assertRefused(WANTED, "NOT_A_STATE_DICT", pth.toString());
    }

    @Test
    void anOutputThatCannotBeWrittenIsNamed() {
        PthFile.writeZip(pth, STATE);
        Path nowhere = pth.resolveSibling("missing").resolve("generator.pt");
        assertThatThrownBy(() -> WeightsImporter.importWeights(pth, nowhere, WANTED))
                .hasMessageContaining(nowhere.toString());
    }

    private void assertRefused(Wanted wanted, String code, String... words) {
        assertThatThrownBy(() -> WeightsImporter.importWeights(pth, pt, wanted))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().stage()).isEqualTo(Stage.MODEL);
                            assertThat(e.failure().code()).isEqualTo(code);
                            assertThat(e.failure().message()).contains(words);
                        });
    }
}
