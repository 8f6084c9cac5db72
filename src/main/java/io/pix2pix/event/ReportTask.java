package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

/** All of a job's shards are in: write its report. */
public record ReportTask(String jobId, int shards, TranslationJob job) {
    public ReportTask {
        Checks.jobId(jobId);
        require(job != null, "job is missing");
    }
}
