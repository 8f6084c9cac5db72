package io.pix2pix.api;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A page of jobs, the newest first.
 *
 * @param total of all pages
 * @param next {@code cursor} of the next page; null after the last one
 */
public record JobList(
        @Schema(required = true) List<JobView> jobs,
        @Schema(required = true, description = "of all pages") int total,
        @Schema(description = "cursor of the next page; left out after the last one")
                @Nullable String next) {}
