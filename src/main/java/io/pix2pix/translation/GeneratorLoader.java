package io.pix2pix.translation;

import io.pix2pix.engine.Generator;
import io.pix2pix.event.TranslationJob.Normalization;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Brings a model onto a device; the seam to the engine. */
@FunctionalInterface
public interface GeneratorLoader {
    /**
     * @param file a TorchScript module; needed during the call only
     * @param normalization null: as the model was trained
     * @throws io.pix2pix.failure.FailureException stage MODEL; permanent when the file is no model
     *     that translates images: then the job fails
     */
    Generator load(Path file, @Nullable Normalization normalization);
}
