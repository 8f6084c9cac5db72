package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.image.Pixels;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.testing.RandomState;
import io.pix2pix.torchscript.GeneratorArchive;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchGeneratorTest {
    private static final TensorEngine ENGINE =
            TensorEngine.open(new EngineSettings("cpu", 0, null, null));

    @Test
    void translatesPixels(@TempDir Path folder) throws Exception {
        GeneratorSpec spec =
                new GeneratorSpec(Architecture.parse("unet_16"), 4, 3, 3, NormKind.BATCH, true);
        Path file = folder.resolve("generator.pt");
        new GeneratorArchive(spec, Statistics.INSTANCE, RandomState.of(spec, 1)).write(file);
        try (Generator generator = new Generators(ENGINE).load(file, null)) {
            assertThat(generator.inputChannels()).isEqualTo(3);
            assertThat(generator.sizeMultiple()).isEqualTo(16);
            List<Pixels> found =
                    generator.translate(
                            List.of(
                                    RandomState.pixels(32, 16, 3, 2),
                                    RandomState.pixels(32, 16, 3, 3)));
            assertThat(found).hasSize(2);
            assertThat(found.get(0).width()).isEqualTo(32);
            assertThat(found.get(0).height()).isEqualTo(16);
        }
    }
}
