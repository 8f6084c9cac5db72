package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.pix2pix.failure.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One shard of a translation job, for one worker.
 *
 * @param shard index of the shard, from 0; its manifest lies beside the job's output
 * @param images how many images the shard holds
 * @param attempt the first is 1; the broker's redeliveries come on top
 * @param lastFailure how the attempt before ended; null for the first and where its worker died
 * @param entries the shard's manifest where it is not stored yet: whoever does the task stores it;
 *     null: it is stored
 */
public record TranslationTask(
        String jobId,
        int shard,
        int images,
        int attempt,
        @Nullable Failure lastFailure,
        TranslationJob job,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<ManifestEntry> entries) {
    public TranslationTask {
        Checks.jobId(jobId);
        require(job != null, "job is missing");
        require(shard >= 0, "shard must not be negative");
        require(attempt >= 1, "attempt counts from 1");
    }

    /** A task whose manifest is stored. */
    public TranslationTask(
            String jobId,
            int shard,
            int images,
            int attempt,
            @Nullable Failure lastFailure,
            TranslationJob job) {
        this(jobId, shard, images, attempt, lastFailure, job, null);
    }

    /** The same with its manifest. */
    public TranslationTask with(List<ManifestEntry> manifest) {
        return new TranslationTask(
                jobId, shard, manifest.size(), attempt, lastFailure, job, List.copyOf(manifest));
    }
}
