package io.pix2pix.tracking;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.time.Instant;

/** What the tracker says in answer to an event; each goes to its topic in one transaction. */
sealed interface Output {
    record Task(TranslationTask task) implements Output {}

    /** An image of a standing job's shard that is not handed out yet. */
    record Arrived(int shard, int index, ManifestEntry entry) implements Output {}

    /** A standing job's shard is done, and what arrived for it of no use any more. */
    record ShardDone(int shard) implements Output {}

    record Slice(TrainingTask task) implements Output {}

    /** A submission over again, for someone to plan it or go on planning. */
    record Plan(Job job, int attempt) implements Output {}

    record Event(TrainingEvent event) implements Output {}

    record Result(TranslationResult result) implements Output {}

    record Report(ReportTask task) implements Output {}

    record Status(JobStatus status) implements Output {}

    /** The job's status is to be forgotten. */
    record Gone(String jobId) implements Output {}

    /** Something that was asked for and is not done. */
    record Dead(String jobId, Object what, Failure failure) implements Output {
        static Dead jobIdTaken(String jobId, Object job, Instant submittedAt) {
            String message =
                    "jobId %s is taken by another job, submitted at %s; choose a new jobId"
                            .formatted(jobId, submittedAt);
            return new Dead(jobId, job, Failure.permanent(Stage.SUBMIT, "JOB_ID_TAKEN", message));
        }

        static Dead noSuchJob(TaskEvent event) {
            String message = "No job " + event.jobId();
            return new Dead(
                    event.jobId(), event, Failure.permanent(Stage.SUBMIT, "NO_SUCH_JOB", message));
        }
    }
}
