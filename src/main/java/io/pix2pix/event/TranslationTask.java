package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import io.pix2pix.failure.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One shard of a translation job, for one worker.
 *
 * @param shard index of the shard, from 0; its manifest lies beside the job's output
 * @param images how many images the shard holds
 * @param attempt the first is 1; the broker's redeliveries come on top
 * @param lastFailure how the attempt before ended; null for the first and where its worker died
 */
public record TranslationTask(
        String jobId,
        int shard,
        int images,
        int attempt,
        @Nullable Failure lastFailure,
        TranslationJob job) {
    public TranslationTask {
        Checks.jobId(jobId);
        require(job != null, "job is missing");
        require(shard >= 0, "shard must not be negative");
        require(attempt >= 1, "attempt counts from 1");
    }
}
