package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.DiscriminatorSpec;
import io.pix2pix.network.DiscriminatorSpec.Kind;
import io.pix2pix.network.GanLoss;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.Network;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.Precision;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.testing.RandomState;
import io.pix2pix.torchscript.GeneratorArchive;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingProgramTest {
    private static final long SEED = 5;
    private static final double RATE = 2e-3;
    private static final TensorEngine ENGINE =
            TensorEngine.open(new EngineSettings("cpu", 0, null, null));

    private static TrainingSpec spec(
            String network, NormKind norm, boolean dropout, GanLoss loss, Precision precision) {
        return new TrainingSpec(
                new GeneratorSpec(Architecture.parse(network), 3, 2, 1, norm, dropout),
                new DiscriminatorSpec(Kind.BASIC, 3, 2, 3, norm),
                loss,
                100,
                0.5,
                precision);
    }

    private static final TrainingSpec SMALL =
            spec("unet_64", NormKind.BATCH, true, GanLoss.VANILLA, Precision.FLOAT32);

    static Stream<TrainingSpec> kinds() {
        GeneratorSpec unet =
                new GeneratorSpec(Architecture.parse("unet_16"), 2, 1, 4, NormKind.BATCH, false);
        return Stream.of(
                SMALL,
                spec("resnet_2blocks", NormKind.INSTANCE, true, GanLoss.LSGAN, Precision.FLOAT32),
                spec("unet_16", NormKind.INSTANCE, false, GanLoss.WGANGP, Precision.FLOAT32),
                spec("resnet_1blocks", NormKind.BATCH, false, GanLoss.WGANGP, Precision.FLOAT32),
                spec("unet_32", NormKind.BATCH, true, GanLoss.WGANGP, Precision.BFLOAT16),
                new TrainingSpec(
                        unet,
                        new DiscriminatorSpec(Kind.PIXEL, 4, 0, 5, NormKind.INSTANCE),
                        GanLoss.VANILLA,
                        10,
                        0.9,
                        Precision.BFLOAT16));
    }

    private static TrainingBatch batch(TrainingSpec spec, int size, long seed) {
        int side = Math.max(16, spec.smallestSize());
        Tensor x = RandomState.images(seed, size, spec.generator().inputChannels(), side, side);
        float[] from = x.floats();
        float[] y = new float[size * spec.generator().outputChannels() * side * side];
        for (int i = 0; i < y.length; i++) {
            // Something to learn: the opposite, half as strong.
            y[i] = -0.5f * from[i % from.length];
        }
        return new TrainingBatch(size, side, side, from, y);
    }

    private static List<StepLosses> run(
            TrainingProgram program, TrainingSpec spec, int from, int to) {
        List<StepLosses> losses = new ArrayList<>();
        for (int step = from; step < to; step++) {
            losses.add(program.step(batch(spec, 2, step), SEED, step / 4, step % 4, RATE));
        }
        return losses;
    }

    private static TrainingState trained(TrainingSpec spec, TrainingState start, int from, int to) {
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
            run(program, spec, from, to);
            return program.state();
        }
    }

    /** Grad mode and the like are a thread's own, so a thread that never ran anything tells. */
    private static <T> T onFreshThread(Callable<T> task) throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            return executor.submit(task).get();
        } finally {
            executor.shutdownNow();
        }
    }

    private static void assertSame(TrainingState found, TrainingState expected) {
        assertThat(found.tensors().keySet()).containsExactlyElementsOf(expected.tensors().keySet());
        expected.tensors()
                .forEach(
                        (name, tensor) -> {
                            Tensor other = Objects.requireNonNull(found.tensors().get(name));
                            assertThat(other.count()).as(name).isEqualTo(tensor.count());
                            assertThat(Arrays.equals(other.floats(), tensor.floats()))
                                    .as(name)
                                    .isTrue();
                        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void goesOnFromASavedStateToTheSameBits(TrainingSpec spec) throws Exception {
        TrainingState start = TrainingState.initial(spec, Initialization.NORMAL, 3);
        TrainingState whole = trained(spec, start, 0, 6);
        TrainingState middle = onFreshThread(() -> trained(spec, start, 0, 3));
        TrainingState resumed = onFreshThread(() -> trained(spec, middle, 3, 6));
        assertSame(resumed, whole);
        assertThat(resumed.steps()).isEqualTo(6);
        assertThat(resumed.firstMisfit(spec)).isEmpty();
    }

    @Test
    void aStateIsACopyThatFurtherStepsLeaveAsItIs() {
        TrainingState start = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, SMALL, start, Statistics.INSTANCE)) {
            TrainingState before = program.state();
            assertSame(before, start);
            run(program, SMALL, 0, 2);
            assertSame(before, TrainingState.initial(SMALL, Initialization.NORMAL, 3));
        }
    }

    @Test
    void everyParameterLearns() {
        TrainingState start = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        TrainingState end = trained(SMALL, start, 0, 1);
        for (Map<String, Tensor> each : List.of(end.generator(), end.discriminator())) {
            assertThat(each).isNotEmpty();
        }
        start.tensors()
                .forEach(
                        (name, tensor) -> {
                            Tensor now = Objects.requireNonNull(end.tensors().get(name));
                            boolean same =
                                    now.count() == tensor.count()
                                            && Arrays.equals(now.floats(), tensor.floats());
                            assertThat(same).as(name).isFalse();
                        });
        assertThat(
                        Objects.requireNonNull(end.tensors().get("D.model.3.num_batches_tracked"))
                                .count())
                .isEqualTo(3);
    }

    @Test
    void movesWeightsAsAdamDoes() {
        TrainingState before = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, SMALL, before, Statistics.INSTANCE)) {
            for (int step = 1; step <= 3; step++) {
                run(program, SMALL, step, step + 1);
                TrainingState after = program.state();
                for (String name : List.of("G.model.model.0.weight", "D.model.0.bias")) {
                    String key = name.substring(2);
                    String network = name.substring(0, 2);
                    float[] m = floats(after, network + "exp_avg." + key);
                    float[] v = floats(after, network + "exp_avg_sq." + key);
                    float[] old = floats(before, name);
                    float[] now = floats(after, name);
                    for (int i = 0; i < now.length; i++) {
                        double first = m[i] / (1 - Math.pow(0.5, step));
                        double second = v[i] / (1 - Math.pow(0.999, step));
                        double expected = old[i] - RATE * first / (Math.sqrt(second) + 1e-8);
                        assertThat((double) now[i]).isCloseTo(expected, within(1e-7));
                    }
                }
                before = after;
            }
        }
    }

    private static float[] floats(TrainingState state, String name) {
        return Objects.requireNonNull(state.tensors().get(name), name).floats();
    }

    /** From the networks' plain programs and the losses' definitions. */
    @ParameterizedTest
    @EnumSource(GanLoss.class)
    void findsTheLossesOfTheDefinitions(GanLoss loss) throws IOException {
        TrainingSpec spec = spec("unet_16", NormKind.BATCH, false, loss, Precision.FLOAT32);
        TrainingState start = TrainingState.initial(spec, Initialization.XAVIER, 3);
        TrainingBatch batch = batch(spec, 2, 1);
        try (TrainingProgram program =
                        TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE);
                LoadedModule g = plain(spec.generator(), start.generator());
                LoadedModule d = plain(spec.discriminator(), start.discriminator())) {
            float[] fake = g.forward(Tensor.of(batch.inputs(), 2, 2, 16, 16)).floats();
            StepLosses found = program.step(batch, SEED, 0, 0, 0);
            double l1 = 0;
            for (int i = 0; i < fake.length; i++) {
                l1 += 100.0 * Math.abs(fake[i] - batch.targets()[i]) / fake.length;
            }
            assertThat(found.generatorL1()).isCloseTo(l1, within(1e-4));
            float[] onFake = judged(d, batch.inputs(), fake);
            float[] onReal = judged(d, batch.inputs(), batch.targets());
            assertThat(found.discriminatorFake()).isCloseTo(mean(loss, onFake, 0), within(1e-5));
            assertThat(found.discriminatorReal()).isCloseTo(mean(loss, onReal, 1), within(1e-5));
            // At a rate of 0 the discriminator that judges again is the same.
            assertThat(found.generatorGan()).isCloseTo(mean(loss, onFake, 1), within(1e-5));
        }
    }

    private static LoadedModule plain(Network network, Map<String, Tensor> state)
            throws IOException {
        return LoadedModule.load(
                ENGINE, PlainForward.of(network.layers(), state, Statistics.BATCH));
    }

    /** Two channels of input and one of output, pair by pair. */
    private static float[] judged(LoadedModule discriminator, float[] inputs, float[] outputs) {
        int area = 16 * 16;
        float[] pairs = new float[2 * 3 * area];
        for (int n = 0; n < 2; n++) {
            System.arraycopy(inputs, n * 2 * area, pairs, n * 3 * area, 2 * area);
            System.arraycopy(outputs, n * area, pairs, (n * 3 + 2) * area, area);
        }
        return discriminator.forward(Tensor.of(pairs, 2, 3, 16, 16)).floats();
    }

    private static double mean(GanLoss loss, float[] judgement, int target) {
        double sum = 0;
        for (float z : judgement) {
            sum +=
                    switch (loss) {
                        case VANILLA -> Math.log1p(Math.exp(target == 1 ? -z : z));
                        case LSGAN -> (z - target) * (z - target);
                        case WGANGP -> target == 1 ? -z : z;
                    };
        }
        return sum / judgement.length;
    }

    @Test
    void dropoutFollowsSeedEpochAndStepAlone() {
        TrainingState start = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        TrainingBatch batch = batch(SMALL, 1, 9);
        List<Double> distances = new ArrayList<>();
        long[][] places = {{1, 0, 0}, {1, 0, 0}, {2, 0, 0}, {1, 1, 0}, {1, 0, 1}};
        for (long[] place : places) {
            try (TrainingProgram program =
                    TrainingProgram.open(ENGINE, SMALL, start, Statistics.INSTANCE)) {
                // The first step's mask decides what the second one starts from.
                program.step(batch, place[0], (int) place[1], place[2], RATE);
                distances.add(program.step(batch, 1, 7, 7, RATE).generatorL1());
            }
        }
        assertThat(distances.get(1)).isEqualTo(distances.get(0));
        assertThat(distances.stream().distinct()).hasSize(4);
    }

    @Test
    void learnsToMakeTheTargets() {
        TrainingSpec spec =
                spec("unet_16", NormKind.BATCH, false, GanLoss.VANILLA, Precision.FLOAT32);
        TrainingState start = TrainingState.initial(spec, Initialization.NORMAL, 3);
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
            TrainingBatch batch = batch(spec, 1, 1);
            double first = program.step(batch, SEED, 0, 0, RATE).generatorL1();
            for (int step = 1; step < 80; step++) {
                assertThat(program.step(batch, SEED, 0, step, RATE).isFinite()).isTrue();
            }
            assertThat(program.step(batch, SEED, 0, 80, RATE).generatorL1())
                    .isLessThan(0.7 * first);
        }
    }

    @ParameterizedTest
    @EnumSource(GanLoss.class)
    void bfloat16FollowsFloat32(GanLoss loss) {
        List<List<StepLosses>> runs = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            TrainingSpec spec = spec("unet_32", NormKind.BATCH, false, loss, precision);
            TrainingState start = TrainingState.initial(spec, Initialization.NORMAL, 3);
            try (TrainingProgram program =
                    TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
                runs.add(run(program, spec, 0, 12));
            }
        }
        for (int i = 0; i < 12; i++) {
            StepLosses a = runs.get(0).get(i);
            StepLosses b = runs.get(1).get(i);
            assertThat(b).isNotEqualTo(a);
            assertThat(b.generatorL1() / a.generatorL1()).isBetween(0.95, 1.05);
            assertThat(Math.abs(b.discriminatorReal() - a.discriminatorReal())).isLessThan(0.1);
        }
    }

    /** Directions through all weights at once; float64, so that differences mean something. */
    @ParameterizedTest
    @MethodSource("smooth")
    void gradientsAgreeWithFiniteDifferences(TrainingSpec spec) {
        TrainingState start = TrainingState.initial(spec, Initialization.XAVIER, 4);
        Map<String, Tensor> large = new LinkedHashMap<>(start.tensors());
        // Weights of ordinary size: with small ones all gradients are nearly 0.
        large.replaceAll(
                (name, t) ->
                        name.matches("[GD]\\.(model|net).*") && t.shape().length == 4
                                ? scaled(t, 20)
                                : t);
        TrainingState point = new TrainingState(large);
        TrainingBatch batch = batch(spec, 2, 1);
        TrainingState after;
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, spec, point, Statistics.INSTANCE, DataType.FLOAT64)) {
            // At a rate of 0 the weights stay, and the first moment is half the gradient.
            program.step(batch, SEED, 0, 0, 0);
            after = program.state();
        }
        int checked = 0;
        for (String name : point.tensors().keySet()) {
            boolean generator = name.startsWith("G.");
            Tensor moment =
                    after.tensors().get(name.substring(0, 2) + "exp_avg." + name.substring(2));
            if (moment == null) {
                continue;
            }
            double[] slope = {0};
            double low = loss(spec, moved(point, name, -1, moment, slope), batch, generator);
            double high = loss(spec, moved(point, name, 1, moment, slope), batch, generator);
            double expected = slope[0];
            assertThat(high - low)
                    .as(name)
                    .isCloseTo(expected, within(2e-4 * Math.abs(expected) + 1e-9));
            checked++;
        }
        assertThat(checked).isGreaterThan(10);
    }

    static Stream<TrainingSpec> smooth() {
        return Stream.of(
                spec("unet_16", NormKind.BATCH, false, GanLoss.VANILLA, Precision.FLOAT32),
                spec("unet_16", NormKind.INSTANCE, false, GanLoss.LSGAN, Precision.FLOAT32),
                spec("resnet_1blocks", NormKind.BATCH, true, GanLoss.WGANGP, Precision.FLOAT32));
    }

    private static Tensor scaled(Tensor tensor, float factor) {
        float[] values = tensor.floats().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return Tensor.of(values, tensor.shape());
    }

    /** Moves one tensor along its gradient's signs, and adds up the change to expect. */
    private static TrainingState moved(
            TrainingState from, String name, int sign, Tensor moment, double[] change) {
        Tensor old = Objects.requireNonNull(from.tensors().get(name));
        float[] values = old.floats().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] += sign * 1e-6f * Math.signum(moment.floats()[i]);
            double step = (double) values[i] - old.floats()[i];
            change[0] += sign * step * 2 * moment.floats()[i];
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>(from.tensors());
        tensors.put(name, Tensor.of(values, old.shape()));
        return new TrainingState(tensors);
    }

    private static double loss(
            TrainingSpec spec, TrainingState at, TrainingBatch batch, boolean generator) {
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, spec, at, Statistics.INSTANCE, DataType.FLOAT64)) {
            double[] l = program.losses(batch, SEED, 0, 0, 0);
            return generator ? l[2] + l[3] : 0.5 * (l[0] + l[1] + l[4]);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Statistics.class,
            names = {"INSTANCE", "RUNNING"})
    void generatesAsTheFinishedModelWill(Statistics statistics) throws IOException {
        TrainingState start = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        List<Pixels> inputs =
                List.of(RandomState.pixels(64, 64, 2, 1), RandomState.pixels(64, 64, 2, 2));
        try (TrainingProgram program = TrainingProgram.open(ENGINE, SMALL, start, statistics)) {
            run(program, SMALL, 0, 3);
            TrainingState state = program.state();
            List<Pixels> found = program.generate(inputs);
            GeneratorArchive archive =
                    new GeneratorArchive(SMALL.generator(), statistics, state.generator());
            try (Generator generator = new Generators(ENGINE).load(archive, statistics)) {
                List<Pixels> expected = generator.translate(inputs);
                for (int n = 0; n < 2; n++) {
                    byte[] a = found.get(n).bytes();
                    byte[] b = expected.get(n).bytes();
                    assertThat(a).hasSameSizeAs(b);
                    for (int i = 0; i < a.length; i++) {
                        assertThat(Math.abs((a[i] & 255) - (b[i] & 255))).isLessThanOrEqualTo(1);
                    }
                }
            }
            // To look at the images must not move anything.
            assertSame(program.state(), state);
            run(program, SMALL, 3, 4);
        }
    }

    @Test
    void holdsNoMoreAfterHundredsOfSteps() {
        TrainingSpec spec =
                spec("unet_16", NormKind.BATCH, true, GanLoss.VANILLA, Precision.FLOAT32);
        TrainingState start = TrainingState.initial(spec, Initialization.NORMAL, 3);
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
            TrainingBatch batch = batch(spec, 1, 1);
            program.step(batch, SEED, 0, 0, RATE);
            int held = program.resources();
            for (int step = 1; step < 300; step++) {
                program.step(batch, SEED, 0, step, RATE);
            }
            assertThat(program.state().steps()).isEqualTo(300);
            assertThat(program.generate(List.of(RandomState.pixels(16, 16, 2, 1)))).hasSize(1);
            assertThat(program.resources()).isEqualTo(held);
        }
    }

    @Test
    void tellsWhatDoesNotFit() {
        TrainingState start = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        TrainingSpec other =
                spec("unet_32", NormKind.BATCH, true, GanLoss.VANILLA, Precision.FLOAT32);
        assertThatThrownBy(() -> TrainingProgram.open(ENGINE, other, start, Statistics.INSTANCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("G.model.model");
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, SMALL, start, Statistics.INSTANCE)) {
            assertThatThrownBy(() -> program.step(batch(other, 1, 1), SEED, 0, 0, RATE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("multiples of 64")
                    .hasMessageContaining("32 x 32");
            float[] few = new float[3];
            assertThatThrownBy(
                            () ->
                                    program.step(
                                            new TrainingBatch(1, 64, 64, few, few),
                                            SEED,
                                            0,
                                            0,
                                            RATE))
                    .hasMessageContaining("8192 inputs");
        }
    }

    @Test
    void tellsLossesThatAreNoNumbers() {
        TrainingState start = TrainingState.initial(SMALL, Initialization.NORMAL, 3);
        try (TrainingProgram program =
                TrainingProgram.open(ENGINE, SMALL, start, Statistics.INSTANCE)) {
            TrainingBatch batch = batch(SMALL, 1, 1);
            batch.targets()[7] = Float.NaN;
            assertThat(program.step(batch, SEED, 0, 0, RATE).isFinite()).isFalse();
        }
    }
}
