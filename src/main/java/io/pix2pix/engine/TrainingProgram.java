package io.pix2pix.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.network.TrainingStep;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A generator and a discriminator in training on their device.
 *
 * <p>A step is one call into a program that {@link TrainingStep} wrote; the weights stay on the
 * device between steps. When a step fails, the weights are half moved: close the program and open
 * another one from the last good state.
 *
 * <p>Not for use by two threads at once; each call may come from another thread.
 */
public final class TrainingProgram implements AutoCloseable {
    private final TrainingSpec spec;
    private final DataType type;
    private final LoadedModule module;
    private final TorchGenerator generator;
    private final HostBuffer inputs = new HostBuffer();
    private final HostBuffer targets = new HostBuffer();
    private final Map<String, PtNDArray> tensors = new LinkedHashMap<>();
    private final Map<String, Tensor> start;
    private long taken;

    private TrainingProgram(
            TrainingSpec spec,
            DataType type,
            LoadedModule module,
            LoadedModule codec,
            TrainingState state) {
        this.spec = spec;
        this.type = type;
        this.module = module;
        this.generator =
                new TorchGenerator(
                        module,
                        (scope, x) -> module.run(scope, "generate", x, generatorList()),
                        codec,
                        spec.generator().inputChannels(),
                        spec.generator().architecture().sizeMultiple());
        this.start = new LinkedHashMap<>();
        state.tensors().forEach((name, t) -> start.put(name, t.isCount() ? t : EMPTY));
    }

    /** Stands for a tensor that is on the device. */
    private static final Tensor EMPTY = Tensor.of(new float[0], 0);

    /**
     * Puts a training on the device.
     *
     * @param state where it stands; only read
     * @param statistics what {@link #generate} normalizes by
     * @throws IllegalArgumentException when the state does not fit the specification
     * @throws FailureException stage TRAIN: NOT_LOADED, OUT_OF_MEMORY
     */
    public static TrainingProgram open(
            TensorEngine engine, TrainingSpec spec, TrainingState state, Statistics statistics) {
        return open(engine, spec, state, statistics, DataType.FLOAT32);
    }

    /** The same, in float64 if wanted. */
    static TrainingProgram open(
            TensorEngine engine,
            TrainingSpec spec,
            TrainingState state,
            Statistics statistics,
            DataType type) {
        state.firstMisfit(spec)
                .ifPresent(
                        misfit -> {
                            throw new IllegalArgumentException(
                                    "The state does not fit the specification: " + misfit);
                        });
        List<LoadedModule> loaded = new ArrayList<>();
        try {
            loaded.add(LoadedModule.load(engine, TrainingStep.of(spec, statistics)));
            loaded.add(LoadedModule.load(engine, PixelCodec.module()));
            TrainingProgram program =
                    new TrainingProgram(
                            spec, type, loaded.get(0), loaded.get(1), state.ordered(spec));
            program.upload(state);
            return program;
        } catch (IOException e) {
            loaded.forEach(LoadedModule::close);
            throw new FailureException(
                    Failure.retriable(
                            Stage.TRAIN,
                            "LOCAL_FILE",
                            "Failed to write the training's program into %s: %s"
                                    .formatted(engine.scratch(), e)),
                    e);
        } catch (EngineException e) {
            loaded.forEach(LoadedModule::close);
            throw engine.failure(
                    Stage.TRAIN, "NOT_LOADED", "Failed to put the training on its device", e);
        }
    }

    private void upload(TrainingState state) {
        HostBuffer buffer = new HostBuffer();
        TrainingStep.lists(spec)
                .forEach(
                        (list, names) ->
                                names.forEach(
                                        name ->
                                                tensors.put(
                                                        name, upload(state, name, list, buffer))));
    }

    private PtNDArray upload(TrainingState state, String name, String list, HostBuffer buffer) {
        Tensor tensor = state.tensors().get(name);
        if (tensor == null) {
            throw new IllegalStateException("No " + name);
        }
        float[] values = tensor.isCount() ? new float[] {tensor.count()} : tensor.floats();
        Shape shape = new Shape(Arrays.stream(tensor.shape()).asLongStream().toArray());
        try (PtNDManager scope = module.newScope()) {
            PtNDArray array = buffer.put(scope, values, shape, type);
            array.setName("s[]");
            PtNDArray copy = module.train(scope, "load", new NDArray[0], List.of(array)).get(0);
            module.keep(copy);
            // Arrays of one name go into a method as one list.
            copy.setName(list + "[]");
            return copy;
        }
    }

    private List<PtNDArray> generatorList() {
        return TrainingStep.generatorList(spec).stream().map(this::tensor).toList();
    }

    private PtNDArray tensor(String name) {
        PtNDArray array = tensors.get(name);
        if (array == null) {
            throw new IllegalStateException("No " + name);
        }
        return array;
    }

    /**
     * One step of the reference: the discriminator learns from the generator's images and the true
     * ones, then the generator from the discriminator's new judgement and the L1 distance.
     *
     * <p>All that is random follows from {@code seed}, {@code epoch} and {@code step}.
     *
     * @param learningRate Adam's, for both networks
     * @return the losses, which may be no numbers: then stop
     * @throws IllegalArgumentException when the batch does not fit the specification
     * @throws FailureException stage TRAIN: STEP_FAILED, OUT_OF_MEMORY
     */
    public StepLosses step(
            TrainingBatch batch, long seed, int epoch, long step, double learningRate) {
        double[] losses = losses(batch, seed, epoch, step, learningRate);
        return new StepLosses(losses[0], losses[1], losses[2], losses[3]);
    }

    /** A step's losses, and last the gradient penalty (0 when there is none). */
    double[] losses(TrainingBatch batch, long seed, int epoch, long step, double learningRate) {
        batch.requireFit(spec);
        int n = batch.size();
        try (PtNDManager scope = module.newScope();
                PtNDManager host = module.newHostScope()) {
            Shape x = new Shape(n, spec.generator().inputChannels(), batch.height(), batch.width());
            Shape y =
                    new Shape(n, spec.generator().outputChannels(), batch.height(), batch.width());
            NDArray[] arguments = {
                inputs.put(scope, batch.inputs(), x, type),
                targets.put(scope, batch.targets(), y, type),
                host.create(randomSeed(seed, epoch, step)),
                host.create(learningRate)
            };
            NDArray losses = module.train(scope, "step", arguments, tensors.values()).get(0);
            double[] numbers = losses.toType(DataType.FLOAT64, true).toDoubleArray();
            taken++;
            return numbers;
        } catch (EngineException e) {
            throw failure("STEP_FAILED", "Step %d of epoch %d failed".formatted(step, epoch), e);
        }
    }

    /** Spreads neighbouring positions over all seeds (Steele et al. 2014, SplitMix64). */
    private static long randomSeed(long seed, int epoch, long step) {
        long mixed = 0;
        for (long part : new long[] {seed, epoch, step}) {
            long z = (mixed ^ part) + 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            mixed = z ^ (z >>> 31);
        }
        // Streams are counted up from here, so leave room.
        return mixed >>> 2;
    }

    /**
     * A copy on the host, which further steps leave as it is.
     *
     * @throws FailureException stage TRAIN: OUT_OF_MEMORY
     */
    public TrainingState state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        try {
            start.forEach(
                    (name, before) ->
                            state.put(
                                    name,
                                    before.isCount()
                                            ? Tensor.count(before.count() + taken * updates(name))
                                            : download(name)));
        } catch (EngineException e) {
            throw failure("NOT_SAVED", "Failed to copy the weights from their device", e);
        }
        return new TrainingState(state);
    }

    /** How often a step counts: the discriminator looks three times. */
    private static int updates(String name) {
        return name.startsWith("D.") && !name.equals("D.step") ? 3 : 1;
    }

    private Tensor download(String name) {
        try (PtNDManager scope = module.newScope()) {
            PtNDArray values = module.run(scope, "export", tensor(name));
            NDArray floats = values.toType(DataType.FLOAT32, false);
            floats.attach(scope);
            long[] shape = floats.getShape().getShape();
            return Tensor.of(
                    floats.toFloatArray(),
                    Arrays.stream(shape).mapToInt(Math::toIntExact).toArray());
        }
    }

    /**
     * Translates with the generator's present weights, without dropout, as a {@link Generator}
     * would.
     *
     * @param inputs images of one width, height and bit depth
     * @return one image of 8 bits a sample for each
     * @throws FailureException stage GENERATE, as of {@link Generator#translate}
     */
    public List<Pixels> generate(List<Pixels> inputs) {
        return generator.translate(inputs);
    }

    /** How many arrays, scopes and modules are held. */
    int resources() {
        return module.resources();
    }

    private FailureException failure(String code, String what, EngineException e) {
        return module.failure(Stage.TRAIN, code, what, e);
    }

    /** Releases device memory. */
    @Override
    public void close() {
        generator.close();
    }
}
