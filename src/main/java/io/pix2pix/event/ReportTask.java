package io.pix2pix.event;

import static io.pix2pix.event.Checks.orElse;
import static io.pix2pix.event.Checks.require;

import java.util.List;

/**
 * A translation job has come to its end: write its report.
 *
 * @param attempt the first is 1; the broker's redeliveries come on top
 * @param shards how many were planned
 * @param images how many inputs were found
 * @param planned whether the listing came to its end
 * @param cancelled whether a user ended the job
 * @param notDone the shards without results; empty unless cancelled
 */
public record ReportTask(
        String jobId,
        int attempt,
        int shards,
        long images,
        boolean planned,
        boolean cancelled,
        List<Integer> notDone,
        TranslationJob job) {
    public ReportTask {
        Checks.jobId(jobId);
        require(job != null, "job is missing");
        require(attempt >= 1, "attempt counts from 1");
        notDone = List.copyOf(orElse(notDone, List.of()));
    }
}
