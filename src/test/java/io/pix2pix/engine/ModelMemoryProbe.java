package io.pix2pix.engine;

import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.InitialWeights;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.testing.Growth;
import io.pix2pix.testing.RandomState;
import io.pix2pix.torchscript.GeneratorArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Loads and releases models of 30 MB and prints resident memory; run as a process of its own. */
final class ModelMemoryProbe {
    private static final int TOGETHER = 4;
    private static final int TIMES = 10;

    private ModelMemoryProbe() {}

    public static void main(String[] args) throws IOException {
        Generators generators =
                new Generators(TensorEngine.open(new EngineSettings("cpu", 1, null, null)));
        Path file = Files.createTempFile("model", ".pt");
        try {
            GeneratorSpec spec =
                    new GeneratorSpec(
                            Architecture.parse("unet_256"), 24, 3, 3, NormKind.BATCH, false);
            new GeneratorArchive(spec, Statistics.INSTANCE, InitialWeights.normal(spec.layers(), 1))
                    .write(file);
            print("file", Files.size(file));
            load(generators, file).close();
            print("before", Growth.resident());
            List<Generator> models = new ArrayList<>();
            for (int i = 0; i < TOGETHER; i++) {
                models.add(load(generators, file));
            }
            print("held", Growth.resident());
            models.forEach(Generator::close);
            print("released", Growth.resident());
            for (int i = 0; i < TIMES; i++) {
                load(generators, file).close();
            }
            print("again", Growth.resident());
        } finally {
            Files.delete(file);
        }
    }

    private static Generator load(Generators generators, Path file) {
        Generator generator = generators.load(file, null);
        var unused = generator.translate(List.of(RandomState.pixels(256, 256, 3, 1)));
        return generator;
    }

    private static void print(String what, long bytes) {
        System.out.println("memory " + what + " " + bytes);
    }
}
