package io.pix2pix.api;

import io.pix2pix.event.TranslationResult;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A page of results. It may be short or empty and yet have a next one.
 *
 * @param next {@code cursor} of the next page; null after the last one
 */
public record ResultList(
        @Schema(required = true) List<TranslationResult> results,
        @Schema(
                        description =
                                "cursor of the next page, which there may be even if this one is empty; left out after the last one")
                @Nullable String next) {}
