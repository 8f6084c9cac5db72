package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one image. (jobId, shard, index) names it; a reader of committed records sees each
 * once.
 *
 * @param index position in the shard, from 0
 * @param input URI of the input
 * @param inputEtag the input's entity tag as read, or as listed when it could not be read
 * @param output URI of the output; null when there is none
 * @param width of the output, pixels; 0 when there is none
 * @param bytes size of the output object; 0 when there is none
 * @param failure null unless FAILED
 * @param attempt which attempt at the task this is from
 * @param worker which worker it is from
 */
public record TranslationResult(
        String jobId,
        int shard,
        int index,
        Outcome outcome,
        String input,
        @Nullable String inputEtag,
        @Nullable String output,
        int width,
        int height,
        long bytes,
        @Nullable Failure failure,
        int attempt,
        String worker,
        Instant finishedAt) {
    public TranslationResult {
        Checks.jobId(jobId);
        require(outcome != null, "outcome is missing");
        require(input != null, "input is missing");
        require(
                (failure != null) == (outcome == Outcome.FAILED),
                "a failure goes with the outcome FAILED and only with it");
    }

    public enum Outcome {
        /** The output is there and is this image's. */
        @JsonProperty("succeeded")
        SUCCEEDED,
        /** Another object had the output's key and the job says to leave it. */
        @JsonProperty("skipped")
        SKIPPED,
        /** No output; {@code failure} says why. */
        @JsonProperty("failed")
        FAILED
    }
}
