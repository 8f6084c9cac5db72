package io.pix2pix.tracking;

import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Events of an example job with ten images a shard. */
final class Events {
    static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    static final TranslationJob JOB = job("job", "s3://out/");
    static final String DIGEST = Json.digest(JOB);
    static final Failure FAILURE = Failure.retriable(Stage.TASK, "STORAGE_UNAVAILABLE", "no S3");

    private Events() {}

    static TranslationJob job(String jobId, String output) {
        String json =
                """
                {"jobId": "%s", "model": {"uri": "s3://m/g.pt"}, "input": {"uri": "s3://in/"},
                 "output": {"uri": "%s"}, "shardSize": 10}
                """
                        .formatted(jobId, output);
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TranslationJob.class);
    }

    static TaskEvent submitted() {
        return new TaskEvent.JobSubmitted("job", DIGEST, JOB, T0);
    }

    static TaskEvent planned(int shard) {
        return new TaskEvent.ShardPlanned("job", DIGEST, shard, 10);
    }

    static TaskEvent planCompleted(int shards) {
        return new TaskEvent.PlanCompleted("job", DIGEST, shards, shards * 10L);
    }

    static TaskEvent started(int shard, int attempt) {
        return new TaskEvent.TaskProgress("job", shard, attempt, "w", 0, 0, T0);
    }

    static TaskEvent completed(int shard, int attempt, int failed) {
        return completed("job", shard, attempt, failed);
    }

    static TaskEvent completed(String jobId, int shard, int attempt, int failed) {
        List<TranslationResult> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            boolean bad = i < failed;
            results.add(
                    new TranslationResult(
                            jobId,
                            shard,
                            i,
                            bad ? Outcome.FAILED : Outcome.SUCCEEDED,
                            "s3://in/" + shard + "-" + i,
                            null,
                            null,
                            0,
                            0,
                            0,
                            bad ? FAILURE : null,
                            attempt,
                            "w",
                            T0));
        }
        return new TaskEvent.TaskCompleted(jobId, shard, attempt, "w", 100, results);
    }

    static TaskEvent failed(int shard, int attempt) {
        return new TaskEvent.TaskFailed("job", shard, attempt, "w", 30, FAILURE);
    }

    static TaskEvent returned(int shard, int attempt) {
        return new TaskEvent.TaskReturned("job", shard, attempt, "w", 20);
    }

    static TaskEvent reported() {
        return new TaskEvent.ReportWritten("job", "s3://out/report.json");
    }
}
