package io.pix2pix.api;

import io.pix2pix.failure.Failure;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Some of a translation job's images, in the order of its manifest.
 *
 * @param total images found so far
 * @param offset of the first one here
 */
public record ImageList(
        @Schema(required = true) long total,
        @Schema(required = true) long offset,
        @Schema(required = true) List<Image> images) {
    /** How far an image is. */
    @Schema(name = "ImageState")
    public enum State {
        pending,
        succeeded,
        skipped,
        failed
    }

    /**
     * @param position among the job's images, from 0
     * @param index position in the shard
     * @param inputUrl where this API shows the input
     * @param output URI; null when there is none, or not yet
     * @param outputUrl where this API shows the output
     */
    public record Image(
            @Schema(required = true) long position,
            @Schema(required = true) int shard,
            @Schema(required = true) int index,
            @Schema(required = true) State state,
            @Schema(required = true) String input,
            @Schema(required = true) String inputUrl,
            @Nullable String output,
            @Nullable String outputUrl,
            @Nullable Failure failure) {}
}
