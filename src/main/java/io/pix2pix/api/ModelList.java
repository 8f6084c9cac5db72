package io.pix2pix.api;

import io.pix2pix.training.CheckpointCatalog.Model;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A page of models.
 *
 * @param next {@code cursor} of the next page; null after the last one
 */
public record ModelList(
        @Schema(required = true) List<Model> models,
        @Schema(
                        description =
                                "cursor of the next page, which there may be even if this one is empty; left out after the last one")
                @Nullable String next) {}
