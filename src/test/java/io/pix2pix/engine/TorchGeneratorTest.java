package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.ScriptModule;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.testing.RandomState;
import io.pix2pix.testing.TestDevice;
import io.pix2pix.torchscript.GeneratorArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchGeneratorTest {
    private static final TensorEngine ENGINE = TensorEngine.open(TestDevice.settings());

    private static GeneratorSpec spec(int in, int out) {
        return new GeneratorSpec(Architecture.parse("unet_16"), 4, in, out, NormKind.BATCH, true);
    }

    private static GeneratorArchive archive(GeneratorSpec spec) {
        return new GeneratorArchive(spec, Statistics.INSTANCE, RandomState.of(spec, 1, 0.1));
    }

    @Test
    void translatesAsTheReferencesPixelsToNumbersAndBack() throws IOException {
        GeneratorArchive archive = archive(spec(3, 2));
        Pixels a = RandomState.pixels(32, 16, 3, 2);
        Pixels b = RandomState.pixels(32, 16, 3, 3);
        try (TorchGenerator generator = new Generators(ENGINE).load(archive, Statistics.INSTANCE)) {
            List<Pixels> found = generator.translate(List.of(a, b));
            assertThat(found).hasSize(2);
            assertTranslated(generator, a, found.get(0));
            assertTranslated(generator, b, found.get(1));
        }
    }

    /** (v / 255 - 0.5) / 0.5 in, (x + 1) / 2 * 255 rounded out. */
    private static void assertTranslated(TorchGenerator generator, Pixels in, Pixels out) {
        int area = in.width() * in.height();
        float[] x = new float[in.channels() * area];
        float greatest = in.bits() == 8 ? 255 : 65535;
        for (int i = 0; i < x.length; i++) {
            int sample = in.sample(i % area % in.width(), i % area / in.width(), i / area);
            x[i] = (sample / greatest - 0.5f) / 0.5f;
        }
        Tensor y = generator.forward(Tensor.of(x, 1, in.channels(), in.height(), in.width()));
        assertThat(out.bits()).isEqualTo(8);
        assertThat(out.channels()).isEqualTo(y.size(1));
        assertThat(out.width()).isEqualTo(in.width());
        int worst = 0;
        for (int i = 0; i < y.floats().length; i++) {
            int sample = out.sample(i % area % in.width(), i % area / in.width(), i / area);
            double exact = (y.floats()[i] + 1) / 2 * 255;
            // The batch's last bits may turn a half to the other side.
            worst = Math.max(worst, Math.abs(exact - sample) < 0.501 ? 0 : 1);
        }
        assertThat(worst).isZero();
    }

    @Test
    void translatesSixteenBitsAndOneChannel() throws IOException {
        short[] samples = new short[16 * 16];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (i * 257);
        }
        Pixels gray = Pixels.of16(16, 16, 1, samples);
        try (TorchGenerator generator =
                new Generators(ENGINE).load(archive(spec(1, 1)), Statistics.RUNNING)) {
            assertTranslated(generator, gray, generator.translate(List.of(gray)).get(0));
        }
    }

    @Test
    void takesBatchesOfChangingSize() throws IOException {
        try (TorchGenerator generator =
                new Generators(ENGINE).load(archive(spec(3, 3)), Statistics.RUNNING)) {
            for (int n : new int[] {3, 1, 2}) {
                int width = 16 * n;
                List<Pixels> batch =
                        java.util.stream.IntStream.range(0, n)
                                .mapToObj(i -> RandomState.pixels(width, 32, 3, i))
                                .toList();
                assertThat(generator.translate(batch))
                        .hasSize(n)
                        .allMatch(image -> image.width() == width && image.height() == 32);
            }
            assertThat(generator.translate(List.of())).isEmpty();
        }
    }

    @Test
    void runsOnAnotherThreadThanItWasLoadedOn() throws Exception {
        try (TorchGenerator generator =
                new Generators(ENGINE).load(archive(spec(3, 3)), Statistics.INSTANCE)) {
            List<Pixels> batch = List.of(RandomState.pixels(16, 16, 3, 1));
            List<Pixels> elsewhere = new ArrayList<>();
            Thread thread = new Thread(() -> elsewhere.addAll(generator.translate(batch)));
            thread.start();
            thread.join();
            assertThat(elsewhere.get(0).bytes())
                    .isEqualTo(generator.translate(batch).get(0).bytes());
        }
    }

    @Test
    void leavesNoArrayBehind() throws IOException {
        try (LoadedModule module =
                LoadedModule.load(
                        ENGINE,
                        PlainForward.of(
                                spec(3, 3), archive(spec(3, 3)).state(), Statistics.INSTANCE))) {
            LoadedModule codec = LoadedModule.load(ENGINE, PixelCodec.module());
            TorchGenerator generator = new TorchGenerator(module, codec, 3, 16);
            List<Pixels> batch = List.of(RandomState.pixels(16, 16, 3, 1));
            generator.translate(batch);
            int before = module.resources();
            for (int i = 0; i < 5; i++) {
                generator.translate(batch);
            }
            assertThat(module.resources()).isEqualTo(before);
            codec.close();
        }
    }

    @Test
    void refusesImagesThatDoNotFit() throws IOException {
        try (TorchGenerator generator =
                new Generators(ENGINE).load(archive(spec(3, 3)), Statistics.INSTANCE)) {
            assertRefused(
                    generator,
                    RandomState.pixels(16, 16, 1, 1),
                    "CHANNELS",
                    "takes images of 3 channels, found 16 x 16 x 1, 8 bits");
            assertRefused(generator, RandomState.pixels(16, 24, 3, 1), "SIZE", "multiples of 16");
        }
    }

    @Test
    void saysWhenOutputsAreNoNumbers() throws IOException {
        ScriptModule broken =
                new ScriptModule(
                        "  def forward(self: %s, x: Tensor) -> Tensor:\n    return torch.log(torch.sub(x, 2.))\n"
                                .formatted(ScriptModule.TYPE),
                        Map.of(),
                        Set.of());
        try (TorchGenerator generator =
                new TorchGenerator(
                        LoadedModule.load(ENGINE, broken),
                        LoadedModule.load(ENGINE, PixelCodec.module()),
                        3,
                        1)) {
            assertRefused(generator, RandomState.pixels(4, 4, 3, 1), "NOT_FINITE", "no numbers");
        }
    }

    @Test
    void saysWhenMemoryIsExhausted() throws IOException {
        ScriptModule greedy =
                new ScriptModule(
                        "  def forward(self: %s, x: Tensor) -> Tensor:\n    return torch.repeat(x, [1000000, 1000000, 1, 1])\n"
                                .formatted(ScriptModule.TYPE),
                        Map.of(),
                        Set.of());
        try (TorchGenerator generator =
                new TorchGenerator(
                        LoadedModule.load(ENGINE, greedy),
                        LoadedModule.load(ENGINE, PixelCodec.module()),
                        3,
                        1)) {
            assertThatThrownBy(() -> generator.translate(List.of(RandomState.pixels(4, 4, 3, 1))))
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            e -> {
                                assertThat(e.failure().code()).isEqualTo("OUT_OF_MEMORY");
                                assertThat(e.failure().retriable()).isTrue();
                            });
        }
    }

    @Test
    void anArchiveRunsWithTheNormalizationItNamesOrAnother(@TempDir Path folder)
            throws IOException {
        GeneratorArchive archive = archive(spec(3, 3));
        Path file = folder.resolve("generator.pt");
        archive.write(file);
        Generators generators = new Generators(ENGINE);
        List<Pixels> batch = List.of(RandomState.pixels(32, 32, 3, 1));
        try (Generator own = generators.load(file, null);
                Generator instance = generators.load(file, Statistics.INSTANCE);
                Generator running = generators.load(file, Statistics.RUNNING)) {
            byte[] expected = instance.translate(batch).get(0).bytes();
            assertThat(own.translate(batch).get(0).bytes()).isEqualTo(expected);
            assertThat(running.translate(batch).get(0).bytes()).isNotEqualTo(expected);
            assertThat(own.inputChannels()).isEqualTo(3);
            assertThat(own.sizeMultiple()).isEqualTo(16);
        }
    }

    private static void assertRefused(
            Generator generator, Pixels image, String code, String message) {
        assertThatThrownBy(() -> generator.translate(List.of(image)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo(code);
                            assertThat(e.failure().message()).contains(message);
                        });
    }
}
