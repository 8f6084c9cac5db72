package io.pix2pix.translation;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TranslationJob;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of a job: the content of {@code report.json}.
 *
 * @param state how the job ended
 * @param planned whether the listing came to its end; a cancelled job may have more inputs than
 *     were found
 * @param images the job's inputs: {@code done} + {@code notDone}
 * @param done images with a result: {@code succeeded} + {@code skipped} + {@code failed}
 * @param notDone images without one; 0 unless the job was cancelled
 * @param shardsNotDone the shards that these are in; their inputs are listed in {@code manifest/}
 * @param failuresByCode how many images failed with each code
 * @param failures URI of {@code failures.jsonl}: a TranslationResult for each FAILED image
 * @param outputBytes size of all outputs
 * @param modelSha256 of the model's file; null when it was never loaded
 * @param firstFinishedAt when the first image had its result
 * @param lastFinishedAt when the last one had
 */
public record Report(
        String jobId,
        State state,
        TranslationJob job,
        int shards,
        boolean planned,
        long images,
        long done,
        long notDone,
        List<Integer> shardsNotDone,
        long succeeded,
        long skipped,
        long failed,
        SortedMap<String, Long> failuresByCode,
        String failures,
        long outputBytes,
        @Nullable String modelSha256,
        @Nullable Instant firstFinishedAt,
        @Nullable Instant lastFinishedAt) {}
