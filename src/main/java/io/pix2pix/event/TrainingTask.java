package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import io.pix2pix.failure.Failure;
import org.jspecify.annotations.Nullable;

/**
 * A slice of a training job, for one worker: go on from a checkpoint.
 *
 * @param slice counts what was handed out, from 0
 * @param attempt the first is 1; the broker's redeliveries come on top
 * @param checkpoint prefix of the checkpoint to go on from; null: the beginning
 * @param dataset what planning found; a dataset that differs is an error
 * @param lastFailure how the attempt before ended; null for the first and where its worker died
 */
public record TrainingTask(
        String jobId,
        int slice,
        int attempt,
        @Nullable String checkpoint,
        DatasetSummary dataset,
        @Nullable Failure lastFailure,
        TrainingJob job) {
    public TrainingTask {
        Checks.jobId(jobId);
        require(job != null, "job is missing");
        require(dataset != null, "dataset is missing");
        require(slice >= 0, "slice must not be negative");
        require(attempt >= 1, "attempt counts from 1");
    }
}
