package io.pix2pix.engine;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.DiscriminatorSpec;
import io.pix2pix.network.DiscriminatorSpec.Kind;
import io.pix2pix.network.GanLoss;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Precision;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.testing.Growth;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.RandomState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/** Measures what batches and steps leave behind; run as a process of its own. */
final class LeakProbe {
    private static final TensorEngine ENGINE =
            TensorEngine.open(new EngineSettings("cpu", 1, null, null));

    private LeakProbe() {}

    public static void main(String[] args) throws Exception {
        Path file = Files.createTempFile("leak", ".pt");
        Models.small(file, 3, 1);
        try (Generator generator = new Generators(ENGINE).load(file, null)) {
            batches(generator);
        } finally {
            Files.delete(file);
        }
        steps();
    }

    private static void batches(Generator generator) throws Exception {
        List<Pixels> batch =
                List.of(RandomState.pixels(32, 32, 3, 1), RandomState.pixels(32, 32, 3, 2));
        measure("batches", 500, () -> translate(generator, batch));
        Generator forgetful = new ForgetfulGenerator(ENGINE, generator);
        measure("forgotten-arrays", 200, () -> translate(forgetful, batch));
        PtNDManager scope = ENGINE.newManager();
        PtNDArray[] list =
                Collections.nCopies(100, (PtNDArray) scope.zeros(new Shape(1)))
                        .toArray(PtNDArray[]::new);
        // What no manager knows of: it is in no count of arrays.
        measure(
                "forgotten-native-memory",
                500,
                () -> {
                    translate(generator, batch);
                    var unused = IValue.listFrom(list);
                });
        scope.close();
    }

    private static void translate(Generator generator, List<Pixels> batch) {
        var unused = generator.translate(batch);
    }

    private static void steps() throws Exception {
        TrainingSpec spec =
                new TrainingSpec(
                        new GeneratorSpec(
                                Architecture.parse("unet_16"), 2, 1, 1, NormKind.BATCH, true),
                        new DiscriminatorSpec(Kind.BASIC, 2, 1, 2, NormKind.BATCH),
                        GanLoss.VANILLA,
                        100,
                        0.5,
                        Precision.FLOAT32);
        int side = Math.max(16, spec.smallestSize());
        float[] x = new float[side * side];
        TrainingBatch batch = new TrainingBatch(1, side, side, x, x.clone());
        TrainingState start = TrainingState.initial(spec, Initialization.NORMAL, 3);
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
            measure("steps", 500, () -> step(program, batch));
            measure(
                    "validations",
                    200,
                    () -> {
                        var unused =
                                program.generate(List.of(RandomState.pixels(side, side, 1, 1)));
                        var unusedState = program.state();
                    });
        }
        measure(
                "trainings",
                20,
                () -> {
                    try (TrainingProgram program =
                            TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
                        step(program, batch);
                    }
                });
    }

    private static void step(TrainingProgram program, TrainingBatch batch) {
        var unused = program.step(batch, 1, 0, 1, 1e-4);
    }

    private static void measure(String name, int times, Growth.Work work) throws Exception {
        System.out.println(Growth.of(name, times, times, ENGINE::liveArrays, work).print());
    }
}
