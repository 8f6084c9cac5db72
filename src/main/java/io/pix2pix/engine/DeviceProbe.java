package io.pix2pix.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.ScriptModule;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * A computation whose result is known. On a GPU: ones through a convolution, a transposed
 * convolution and a product of matrices, of which networks are made here. On the CPU only a sum,
 * which needs no second thread: PyTorch's threads of one pool wait for each other more slowly as
 * soon as there is a second pool in the process. Takes about a millisecond; not for use by two
 * threads at once.
 */
final class DeviceProbe {
    private static final String METHODS =
            """
              def add(self: TYPE,
                x: Tensor,
                w: Tensor) -> Tensor:
                return torch.stack([torch.sum(x), torch.sum(w)])
              def convolve(self: TYPE,
                x: Tensor,
                w: Tensor) -> Tensor:
                a = torch.conv2d(x, w, None, [2, 2])
                b = torch.conv_transpose2d(a, w, None, [4, 4])
                m = torch.reshape(x, [32, 64])
                c = torch.matmul(m, torch.transpose(m, 0, 1))
                return torch.stack([torch.mean(a), torch.mean(b), torch.mean(c)])
            """
                    .replace("TYPE", ScriptModule.TYPE);

    private static final Shape INPUT = new Shape(1, 8, 16, 16);
    private static final Shape KERNEL = new Shape(8, 8, 4, 4);

    private static final float[] SUMS = {8 * 16 * 16, 8 * 8 * 4 * 4};

    /** 8 channels x 16 taps; 8 channels of that; rows of 64. Exact in every precision. */
    private static final float[] MEANS = {128, 1024, 64};

    private final TensorEngine engine;
    private final LoadedModule module;

    DeviceProbe(TensorEngine engine) {
        this.engine = engine;
        try {
            module = LoadedModule.load(engine, new ScriptModule(METHODS, Map.of(), Set.of()));
        } catch (IOException e) {
            throw new FailureException(
                    Failure.retriable(
                            Stage.MODEL,
                            "LOCAL_FILE",
                            "Failed to write into %s: %s".formatted(engine.scratch(), e)),
                    e);
        } catch (EngineException e) {
            throw engine.failure(Stage.MODEL, "DEVICE_FAILED", "Failed to load a program", e);
        }
    }

    /**
     * @throws FailureException stage MODEL: the device computes nothing, or something else
     */
    void run() {
        if (engine.isProcessor()) {
            run("add", SUMS);
        } else {
            convolve();
        }
    }

    /** What is tried on a GPU. */
    void convolve() {
        run("convolve", MEANS);
    }

    private void run(String method, float[] expected) {
        try (PtNDManager scope = module.newScope()) {
            NDArray x = scope.ones(INPUT, DataType.FLOAT32);
            NDArray w = scope.ones(KERNEL, DataType.FLOAT32);
            float[] found = module.run(scope, method, x, w).toFloatArray();
            if (!Arrays.equals(found, expected)) {
                throw new FailureException(
                        Failure.retriable(
                                Stage.MODEL,
                                "DEVICE_FAILED",
                                "The device computes %s where %s is right"
                                        .formatted(
                                                Arrays.toString(found),
                                                Arrays.toString(expected))));
            }
        } catch (EngineException e) {
            throw engine.failure(Stage.MODEL, "DEVICE_FAILED", "A small computation failed", e);
        }
    }
}
