package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.ScriptModule;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.testing.PthFile;
import io.pix2pix.testing.RandomState;
import io.pix2pix.torchscript.GeneratorArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that we did not write, and files that are no models. */
class ForeignModuleTest {
    private static final Generators GENERATORS =
            new Generators(TensorEngine.open(new EngineSettings("cpu", 0, null, null)));

    private Path file = Path.of("");

    @BeforeEach
    void file(@TempDir Path folder) {
        file = folder.resolve("model.pt");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 6})
    void anImageToImageModuleIsAModel(int channels) throws IOException {
        GeneratorSpec spec =
                new GeneratorSpec(
                        Architecture.parse("unet_8"), 2, channels, 3, NormKind.BATCH, false);
        Map<String, Tensor> state = RandomState.of(spec, 1, 0.1);
        GeneratorArchive.write(file, PlainForward.of(spec, state, Statistics.INSTANCE));
        Path ours = file.resolveSibling("ours.pt");
        new GeneratorArchive(spec, Statistics.INSTANCE, state).write(ours);
        List<Pixels> batch = List.of(RandomState.pixels(16, 8, channels, 1));
        try (Generator foreign = GENERATORS.load(file, Statistics.RUNNING);
                Generator own = GENERATORS.load(ours, null)) {
            assertThat(foreign.inputChannels()).isEqualTo(channels);
            assertThat(foreign.sizeMultiple()).isEqualTo(1);
            byte[] found = foreign.translate(batch).get(0).bytes();
            byte[] expected = own.translate(batch).get(0).bytes();
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i] & 0xFF)
                        .isBetween((expected[i] & 0xFF) - 1, (expected[i] & 0xFF) + 1);
            }
        }
    }

    @Test
    void aModuleThatMakesNoImagesIsRefused() throws IOException {
        write("return torch.mean(x, [2, 3])");
        assertRefused("WRONG_NETWORK", "from (1, 3, 256, 256) it makes (1, 3)");
        write("return torch.slice(x, 2, 0, 30)");
        assertRefused("WRONG_NETWORK", "expected as many images of the same size");
        write("return torch.conv2d(x, torch.zeros([8, 9, 3, 3]), None)");
        assertRefused("WRONG_NETWORK", "expected as many images of the same size");
        write("return torch.reshape(x, [7])");
        assertRefused("WRONG_NETWORK", "takes no images", "shape '[7]' is invalid");
    }

    @Test
    void aModuleThatFindsNoMemoryMayFindSomeLater() throws IOException {
        write("return torch.zeros([1000000, 1000000, 100])");
        assertThatThrownBy(() -> GENERATORS.load(file, null))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo("OUT_OF_MEMORY");
                            assertThat(e.failure().retriable()).isTrue();
                        });
    }

    private void write(String body) throws IOException {
        String forward = "  def forward(self: %s, x: Tensor) -> Tensor:\n    %s\n";
        GeneratorArchive.write(
                file,
                new ScriptModule(forward.formatted(ScriptModule.TYPE, body), Map.of(), Set.of()));
    }

    @Test
    void whatIsNoModelIsNamedForWhatItIs() throws IOException {
        assertRefused("NOT_FOUND", file.toString());
        Files.writeString(file, "");
        assertRefused("NOT_TORCHSCRIPT", "is empty");
        Files.writeString(file, "<html>not found</html>\n");
        assertRefused("NOT_TORCHSCRIPT", "it starts with '<html>not found</html>'");
        Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, 0});
        assertRefused("NOT_TORCHSCRIPT", "it is no zip file");
    }

    @Test
    void aStateDictIsToldFromAModule() {
        GeneratorSpec spec =
                new GeneratorSpec(Architecture.parse("unet_8"), 2, 3, 3, NormKind.BATCH, false);
        PthFile.writeZip(file, RandomState.of(spec, 1));
        assertRefused("NOT_TORCHSCRIPT", "state dict (.pth)", "import-weights");
        PthFile.writeBare(file, RandomState.of(spec, 1));
        assertRefused("NOT_TORCHSCRIPT", "state dict (.pth)", "import-weights");
    }

    @Test
    void aDamagedModelIsRefused() throws IOException {
        GeneratorSpec spec =
                new GeneratorSpec(Architecture.parse("unet_8"), 2, 3, 3, NormKind.BATCH, false);
        new GeneratorArchive(spec, Statistics.INSTANCE, RandomState.of(spec, 1)).write(file);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertRefused("NOT_TORCHSCRIPT", "damaged or cut off");
        write("return torch.no_such_operator(x)");
        assertRefused("NOT_TORCHSCRIPT", "no TorchScript module that PyTorch can load");
    }

    private void assertRefused(String code, String... words) {
        assertThatThrownBy(() -> GENERATORS.load(file, null))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().stage()).isEqualTo(Stage.MODEL);
                            assertThat(e.failure().code()).isEqualTo(code);
                            assertThat(e.failure().message()).contains(words);
                        });
    }
}
