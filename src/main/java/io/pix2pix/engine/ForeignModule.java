package io.pix2pix.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.torchscript.ScriptArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript module that somebody else wrote: {@code forward(Tensor[N, C, H, W])} to a tensor of
 * as many images of the same size. What it takes is found out by trying.
 */
final class ForeignModule {
    private static final int PROBE_SIZE = 256;
    private static final Pattern CHANNELS = Pattern.compile("to have (\\d{1,4}) channels");

    private final TensorEngine engine;
    private final Path file;

    ForeignModule(TensorEngine engine, Path file) {
        this.engine = engine;
        this.file = file;
    }

    Generator load() {
        ScriptArchive.require(file);
        LoadedModule module = null;
        try {
            module = LoadedModule.load(engine, file);
            int channels = inputChannels(module);
            LoadedModule codec = LoadedModule.load(engine, PixelCodec.module());
            return new TorchGenerator(module, codec, channels, 1);
        } catch (IOException | RuntimeException e) {
            if (module != null) {
                module.close();
            }
            if (e instanceof FailureException known) {
                throw known;
            }
            throw engine.failure(
                    Stage.MODEL,
                    "NOT_TORCHSCRIPT",
                    file + " is no TorchScript module that PyTorch can load",
                    e);
        }
    }

    private int inputChannels(LoadedModule module) {
        Deque<Integer> candidates = new ArrayDeque<>(List.of(3, 1));
        Set<Integer> tried = new HashSet<>();
        String reason = "";
        while (!candidates.isEmpty()) {
            int channels = candidates.poll();
            if (!tried.add(channels)) {
                continue;
            }
            try {
                requireImages(module, channels);
                return channels;
            } catch (EngineException e) {
                FailureException failure =
                        engine.failure(Stage.MODEL, "WRONG_NETWORK", "Failed to try " + file, e);
                if (failure.failure().retriable()) {
                    throw failure;
                }
                reason = String.valueOf(e.getMessage());
                Matcher told = CHANNELS.matcher(reason);
                if (told.find()) {
                    candidates.addFirst(Integer.parseInt(told.group(1)));
                }
            }
        }
        throw failure(
                "WRONG_NETWORK",
                "%s takes no images of 1 or 3 channels, %d x %d pixels: %s"
                        .formatted(file, PROBE_SIZE, PROBE_SIZE, EngineFailures.firstLine(reason)),
                null);
    }

    private void requireImages(LoadedModule module, int channels) {
        try (PtNDManager scope = module.newScope()) {
            Shape shape = new Shape(1, channels, PROBE_SIZE, PROBE_SIZE);
            PtNDArray y = module.run(scope, "forward", scope.zeros(shape, DataType.FLOAT32));
            Shape found = y.getShape();
            boolean images =
                    found.dimension() == 4
                            && found.get(0) == 1
                            && found.get(2) == PROBE_SIZE
                            && found.get(3) == PROBE_SIZE;
            if (!images) {
                throw failure(
                        "WRONG_NETWORK",
                        "%s is no image-to-image module: from %s it makes %s, expected as many images of the same size"
                                .formatted(file, shape, found),
                        null);
            }
        }
    }

    private static FailureException failure(
            String code, String message, @Nullable Exception cause) {
        return new FailureException(Failure.permanent(Stage.MODEL, code, message), cause);
    }
}
