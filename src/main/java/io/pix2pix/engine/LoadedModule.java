package io.pix2pix.engine;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.ScriptModule;
import io.pix2pix.network.Tensor;
import io.pix2pix.torchscript.GeneratorArchive;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** A TorchScript module on its device. Not for use by two threads at once. */
final class LoadedModule implements AutoCloseable {
    private static final String[] NO_EXTRA_FILES = {};

    private final TensorEngine engine;
    private final PtNDManager manager;
    private final PtSymbolBlock block;

    private LoadedModule(TensorEngine engine, PtNDManager manager, PtSymbolBlock block) {
        this.engine = engine;
        this.manager = manager;
        this.block = block;
    }

    /**
     * Loads an archive. By path, not by stream: that takes a third of the memory and sets the
     * module to evaluation.
     *
     * @throws EngineException when PyTorch cannot read the file
     */
    static LoadedModule load(TensorEngine engine, Path file) {
        engine.prepareThread(false);
        PtNDManager manager = engine.newManager();
        try {
            PtSymbolBlock block =
                    JniUtils.loadModule(manager, file, true, NO_EXTRA_FILES, NO_EXTRA_FILES, false);
            return new LoadedModule(engine, manager, block);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Loads a module that we wrote, by way of a file that is gone afterwards. */
    static LoadedModule load(TensorEngine engine, ScriptModule module) throws IOException {
        Path file = Files.createTempFile(engine.scratch(), "program", ".pt");
        try {
            GeneratorArchive.write(file, module);
            return load(engine, file);
        } finally {
            Files.delete(file);
        }
    }

    /** A scope for the arrays of one call: closing it closes them all. */
    PtNDManager newScope() {
        return manager.newSubManager(manager.getDevice());
    }

    /** A scope for arrays on the host, whatever the device. */
    PtNDManager newHostScope() {
        return manager.newSubManager(Device.cpu());
    }

    /** Lets an array of a scope live as long as this module. */
    void keep(PtNDArray array) {
        array.attach(manager);
    }

    /** Runs a method that gives a tensor; the result belongs to {@code scope}. */
    PtNDArray run(PtNDManager scope, String method, NDArray... arguments) {
        try (IValue result = call(method, arguments)) {
            return result.toTensor(scope);
        }
    }

    /** Runs a method that gives a list of tensors; they belong to {@code scope}. */
    PtNDArray[] runList(PtNDManager scope, String method, NDArray... arguments) {
        try (IValue result = call(method, arguments)) {
            return result.toTensorArray(scope);
        }
    }

    /**
     * Runs {@code forward} on numbers in memory.
     *
     * @param x [N, C, H, W]
     * @throws EngineException when the module refuses them
     */
    Tensor forward(Tensor x) {
        try (PtNDManager scope = newScope()) {
            Shape shape = new Shape(Arrays.stream(x.shape()).asLongStream().toArray());
            NDArray input = scope.create(FloatBuffer.wrap(x.floats()), shape, DataType.FLOAT32);
            PtNDArray y = run(scope, "forward", input);
            long[] sizes = y.getShape().getShape();
            return Tensor.of(
                    y.toFloatArray(), Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray());
        }
    }

    /**
     * Runs a method with autograd on; the results belong to {@code scope}.
     *
     * @param lists the method's last arguments, lists of tensors: arrays whose names end in {@code
     *     []}, those of one name being one list
     */
    List<PtNDArray> train(
            PtNDManager scope, String method, NDArray[] arguments, Collection<PtNDArray> lists) {
        engine.prepareThread(true);
        NDList all = new NDList(arguments.length + lists.size() + 1);
        // The results' owner is that of the first array, which is none of the arguments.
        NDArray name = scope.create(0f);
        name.setName("module_method:" + method);
        all.add(name);
        all.addAll(Arrays.asList(arguments));
        all.addAll(lists);
        return IValueUtils.forward(block, all, true).stream()
                .map(result -> (PtNDArray) result)
                .toList();
    }

    /** Runs a method whose last argument is a list of tensors; the result is {@code scope}'s. */
    PtNDArray run(PtNDManager scope, String method, NDArray argument, List<PtNDArray> list) {
        engine.prepareThread(false);
        try (IValue first = IValue.from((PtNDArray) argument);
                IValue second = IValue.listFrom(list.toArray(PtNDArray[]::new));
                IValue result = IValueUtils.runMethod(block, method, first, second)) {
            return result.toTensor(scope);
        }
    }

    /** Runs a method for its effect. */
    void runVoid(String method) {
        call(method).close();
    }

    private IValue call(String method, NDArray... arguments) {
        engine.prepareThread(false);
        IValue[] values =
                Arrays.stream(arguments)
                        .map(array -> IValue.from((PtNDArray) array))
                        .toArray(IValue[]::new);
        try {
            return IValueUtils.runMethod(block, method, values);
        } finally {
            for (IValue value : values) {
                value.close();
            }
        }
    }

    /** What a failed call means; full memory is made as empty as it can be. */
    FailureException failure(Stage stage, String code, String what, EngineException e) {
        return engine.failure(stage, code, what, e);
    }

    /** How many arrays, scopes and modules are held. */
    int resources() {
        return manager.getManagedArrays().size();
    }

    /** Gives its memory back, to the device and to the system. */
    @Override
    public void close() {
        manager.close();
        engine.releaseMemory();
    }
}
