package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import io.pix2pix.failure.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One line of a shard's manifest: an input image and where its output goes.
 *
 * @param uri the input
 * @param etag the input's entity tag when it was listed; null when it comes from a user's manifest
 * @param size bytes when it was listed; -1 when unknown
 * @param output the output's URI
 * @param problem why this input cannot be translated, seen while planning: it becomes the result
 */
public record ManifestEntry(
        String uri,
        @Nullable String etag,
        long size,
        @Nullable String output,
        @Nullable Failure problem) {
    public ManifestEntry {
        require(uri != null, "uri is missing");
        require((output == null) == (problem != null), "an entry has an output or a problem");
    }
}
