package io.pix2pix.translation;

import io.pix2pix.event.TranslationJob;
import java.time.Instant;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of a job: the content of {@code report.json}.
 *
 * @param images the job's inputs: {@code succeeded} + {@code skipped} + {@code failed}
 * @param failuresByCode how many images failed with each code
 * @param failures URI of {@code failures.jsonl}: a TranslationResult for each FAILED image
 * @param outputBytes size of all outputs
 * @param modelSha256 of the model's file; null when it was never loaded
 * @param firstFinishedAt when the first image had its result
 * @param lastFinishedAt when the last one had
 */
public record Report(
        String jobId,
        TranslationJob job,
        int shards,
        long images,
        long succeeded,
        long skipped,
        long failed,
        SortedMap<String, Long> failuresByCode,
        String failures,
        long outputBytes,
        @Nullable String modelSha256,
        @Nullable Instant firstFinishedAt,
        @Nullable Instant lastFinishedAt) {}
