package io.pix2pix.engine;

import ai.djl.engine.EngineException;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.TunedForward;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.torchscript.GeneratorArchive.Description;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads models: our own archives and any other TorchScript image-to-image module. */
public final class Generators {
    private final TensorEngine engine;

    public Generators(TensorEngine engine) {
        this.engine = engine;
    }

    /**
     * Loads a model.
     *
     * <p>One of ours gets a program of its own for the wanted normalization; a foreign module runs
     * as it is.
     *
     * @param file TorchScript archive
     * @param normalization {@link Statistics#INSTANCE} or {@link Statistics#RUNNING}; null: as the
     *     model says. A foreign module has none to choose
     * @throws FailureException stage MODEL: NOT_FOUND, NOT_TORCHSCRIPT, WRONG_NETWORK, NOT_LOADED;
     *     retriable: OUT_OF_MEMORY, DEVICE_FAILED, LOCAL_FILE
     */
    public Generator load(Path file, @Nullable Statistics normalization) {
        Optional<Description> description = GeneratorArchive.describe(file);
        return description.isPresent()
                ? own(file, description.get(), normalization)
                : new ForeignModule(engine, file).load();
    }

    private Generator own(Path file, Description description, @Nullable Statistics normalization) {
        GeneratorArchive archive = GeneratorArchive.read(file, description);
        Statistics statistics = normalization == null ? archive.statistics() : normalization;
        try {
            return load(archive, statistics);
        } catch (IOException e) {
            throw new FailureException(
                    Failure.retriable(
                            Stage.MODEL,
                            "LOCAL_FILE",
                            "Failed to write the program of %s into %s: %s"
                                    .formatted(file, engine.scratch(), e)),
                    e);
        } catch (EngineException e) {
            throw engine.failure(Stage.MODEL, "NOT_LOADED", "Failed to load " + file, e);
        }
    }

    /** A generator over weights in memory. */
    TorchGenerator load(GeneratorArchive archive, Statistics statistics) throws IOException {
        boolean processor = engine.isProcessor();
        LoadedModule module =
                LoadedModule.load(
                        engine,
                        TunedForward.of(archive.spec(), archive.state(), statistics, processor));
        try {
            module.runVoid("prepare");
            return new TorchGenerator(
                    module,
                    LoadedModule.load(engine, PixelCodec.module()),
                    archive.spec().inputChannels(),
                    archive.spec().architecture().sizeMultiple());
        } catch (IOException | RuntimeException e) {
            module.close();
            throw e;
        }
    }
}
