package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;

/** What the tracker says in answer to an event; each goes to its topic in one transaction. */
sealed interface Output {
    record Task(TranslationTask task) implements Output {}

    record Result(TranslationResult result) implements Output {}

    record Report(ReportTask task) implements Output {}

    record Status(JobStatus status) implements Output {}

    /** Something that was asked for and is not done. */
    record Dead(String jobId, Object what, Failure failure) implements Output {}
}
