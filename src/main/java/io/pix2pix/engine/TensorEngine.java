package io.pix2pix.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The PyTorch engine of this process on one device.
 *
 * <p>Opening it loads the native libraries from the class path; nothing is downloaded. Safe for use
 * by several threads.
 */
public final class TensorEngine {
    private final Device device;
    private final int threads;
    private final Path scratch;
    private final PtNDManager root;

    private TensorEngine(Device device, int threads, Path scratch) {
        this.device = device;
        this.threads = threads;
        this.scratch = scratch;
        this.root = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(device);
    }

    /**
     * Loads the engine and checks that the configured device is there.
     *
     * @throws FailureException stage MODEL: NO_DEVICE, NO_ENGINE
     */
    public static TensorEngine open(EngineSettings settings) {
        setDefault("ai.djl.offline", "true");
        setDefault("OPT_OUT_TRACKING", "true");
        if (settings.natives() != null) {
            setDefault("DJL_CACHE_DIR", settings.natives().toString());
        }
        int threads =
                settings.threads() > 0
                        ? settings.threads()
                        : Runtime.getRuntime().availableProcessors();
        try {
            Engine engine = Engine.getEngine("PyTorch");
            Device device = device(settings.device(), engine.getGpuCount());
            requireUsable(engine, device);
            Path scratch =
                    settings.scratch() == null
                            ? Path.of(System.getProperty("java.io.tmpdir"))
                            : Files.createDirectories(settings.scratch());
            return new TensorEngine(device, threads, scratch);
        } catch (IOException | RuntimeException | LinkageError e) {
            if (e instanceof FailureException failure) {
                throw failure;
            }
            throw new FailureException(
                    Failure.permanent(
                            Stage.MODEL,
                            "NO_ENGINE",
                            "Failed to load the PyTorch engine: " + e.getMessage()),
                    e);
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static Device device(String wanted, int gpus) {
        if (wanted.equals("cpu") || (wanted.equals("auto") && gpus == 0)) {
            return Device.cpu();
        }
        int index = wanted.startsWith("gpu:") ? Integer.parseInt(wanted.substring(4)) : 0;
        if (index >= gpus) {
            throw noDevice(wanted, gpus + " GPUs");
        }
        return Device.gpu(index);
    }

    /** Without a loadable CUDA runtime the engine takes the CPU in silence. */
    private static void requireUsable(Engine engine, Device device) {
        try (NDManager manager = engine.newBaseManager(device);
                NDArray probe = manager.zeros(new Shape(1), DataType.FLOAT32)) {
            if (!probe.getDevice().equals(device)) {
                throw noDevice(device.toString(), probe.getDevice().toString());
            }
        }
    }

    private static FailureException noDevice(String wanted, String found) {
        return new FailureException(
                Failure.permanent(
                        Stage.MODEL,
                        "NO_DEVICE",
                        "pix2pix.device is %s, but the engine sees %s".formatted(wanted, found)));
    }

    /** {@code cpu}, {@code gpu:0}. */
    public String device() {
        return device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu";
    }

    /** The device's memory; empty on a CPU, or where the driver does not tell. */
    public Optional<GpuMemory> memory() {
        return device.isGpu() ? GpuMemory.of(device.getDeviceId()) : Optional.empty();
    }

    /** Whether the device is the CPU. */
    boolean isProcessor() {
        return !device.isGpu();
    }

    /** Threads that share one forward pass on the CPU. */
    public int threads() {
        return threads;
    }

    /**
     * Tries the device, and tells from now on whether it works.
     *
     * @throws FailureException stage MODEL: it does not work
     */
    public DeviceHealth health(DeviceHealth.Limits limits) {
        DeviceProbe probe = new DeviceProbe(this);
        probe.run();
        return new DeviceHealth(device(), probe::run, limits);
    }

    PtNDManager newManager() {
        return root.newSubManager(device);
    }

    /**
     * How many arrays are alive: those of trainings, and those of calls that are under way. What
     * stays when neither is there has leaked.
     */
    public int liveArrays() {
        return root.getManagedArrays().size();
    }

    /**
     * What a failed call into PyTorch means; when memory is short, what is unused is given back.
     */
    FailureException failure(Stage stage, String code, String what, Exception e) {
        FailureException failure = EngineFailures.of(stage, code, what, e);
        if (failure.failure().code().equals("OUT_OF_MEMORY")) {
            releaseMemory();
        }
        return failure;
    }

    /**
     * Gives back what is freed but kept for later: PyTorch's cache on a GPU, the C library's on the
     * host. What is in use stays.
     */
    void releaseMemory() {
        if (device.isGpu()) {
            JniUtils.emptyCudaCache();
        }
        HostMemory.trim();
    }

    /** A folder for files that live as long as a call. */
    Path scratch() {
        return scratch;
    }

    /**
     * Sets what PyTorch keeps per thread; to be called before every call into a module.
     *
     * <p>The optimizing graph executor is off: it compiles for every new batch shape, which takes
     * seconds, gains nothing here, and makes a training step forget gradients without a sign.
     *
     * @param gradients whether autograd is on
     */
    void prepareThread(boolean gradients) {
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(gradients);
        if (JniUtils.getNumThreads() != threads) {
            JniUtils.setNumThreads(threads);
        }
    }
}
