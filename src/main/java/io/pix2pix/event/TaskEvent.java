package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.List;

/**
 * What happened to a job: the tracker's only input, keyed by jobId.
 *
 * <p>Every event may arrive more than once (a crash between publishing and acknowledging repeats
 * it); the tracker drops what it has seen.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(TaskEvent.JobSubmitted.class),
    @JsonSubTypes.Type(TaskEvent.ShardPlanned.class),
    @JsonSubTypes.Type(TaskEvent.PlanCompleted.class),
    @JsonSubTypes.Type(TaskEvent.Following.class),
    @JsonSubTypes.Type(TaskEvent.ImagesArrived.class),
    @JsonSubTypes.Type(TaskEvent.PlanProgress.class),
    @JsonSubTypes.Type(TaskEvent.PlanReturned.class),
    @JsonSubTypes.Type(TaskEvent.PlanFailed.class),
    @JsonSubTypes.Type(TaskEvent.JobRejected.class),
    @JsonSubTypes.Type(TaskEvent.CommandReceived.class),
    @JsonSubTypes.Type(TaskEvent.TaskProgress.class),
    @JsonSubTypes.Type(TaskEvent.TaskCompleted.class),
    @JsonSubTypes.Type(TaskEvent.TaskReturned.class),
    @JsonSubTypes.Type(TaskEvent.TaskFailed.class),
    @JsonSubTypes.Type(TaskEvent.ReportProgress.class),
    @JsonSubTypes.Type(TaskEvent.ReportWritten.class),
    @JsonSubTypes.Type(TaskEvent.ReportFailed.class),
    @JsonSubTypes.Type(TaskEvent.TrainingSubmitted.class),
    @JsonSubTypes.Type(TaskEvent.TrainingPlanned.class),
    @JsonSubTypes.Type(TaskEvent.SliceProgress.class),
    @JsonSubTypes.Type(TaskEvent.SliceReturned.class),
    @JsonSubTypes.Type(TaskEvent.SliceFailed.class),
    @JsonSubTypes.Type(TrainingEvent.EpochCompleted.class),
    @JsonSubTypes.Type(TrainingEvent.CheckpointPublished.class),
    @JsonSubTypes.Type(TrainingEvent.TrainingCompleted.class)
})
public sealed interface TaskEvent
        permits TaskEvent.JobSubmitted,
                TaskEvent.ShardPlanned,
                TaskEvent.PlanCompleted,
                TaskEvent.Following,
                TaskEvent.ImagesArrived,
                TaskEvent.PlanProgress,
                TaskEvent.PlanReturned,
                TaskEvent.PlanFailed,
                TaskEvent.JobRejected,
                TaskEvent.CommandReceived,
                TaskEvent.TaskProgress,
                TaskEvent.TaskCompleted,
                TaskEvent.TaskReturned,
                TaskEvent.TaskFailed,
                TaskEvent.ReportProgress,
                TaskEvent.ReportWritten,
                TaskEvent.ReportFailed,
                TaskEvent.TrainingSubmitted,
                TaskEvent.TrainingPlanned,
                TaskEvent.SliceProgress,
                TaskEvent.SliceReturned,
                TaskEvent.SliceFailed,
                TrainingEvent {
    String jobId();

    /** A translation job was read from the queue. {@code digest} identifies its content. */
    record JobSubmitted(String jobId, String digest, TranslationJob job, Instant at)
            implements TaskEvent {
        public JobSubmitted {
            Checks.jobId(jobId);
            require(digest != null && job != null, "digest and job are needed");
        }
    }

    /** The manifest of a shard is written; shards come in order from 0. */
    record ShardPlanned(String jobId, String digest, int shard, int images) implements TaskEvent {
        public ShardPlanned {
            Checks.jobId(jobId);
            require(digest != null, "digest is missing");
            require(shard >= 0 && images >= 1, "a shard has an index and images");
        }
    }

    /** All shards are planned. */
    record PlanCompleted(String jobId, String digest, int shards, long images)
            implements TaskEvent {
        public PlanCompleted {
            Checks.jobId(jobId);
            require(digest != null, "digest is missing");
        }
    }

    /** A standing job was checked and waits for what arrives. */
    record Following(String jobId, String digest) implements TaskEvent {
        public Following {
            Checks.jobId(jobId);
            require(digest != null, "digest is missing");
        }
    }

    /** Storage told of new objects that a standing job wants. */
    record ImagesArrived(String jobId, String digest, List<Arrival> images) implements TaskEvent {
        public ImagesArrived {
            Checks.jobId(jobId);
            require(digest != null, "digest is missing");
            images = List.copyOf(images);
        }
    }

    /**
     * An object that was written.
     *
     * @param sequencer of two notifications of one key, the later write's is the greater
     *     hexadecimal number; empty where storage gives none
     */
    record Arrival(ManifestEntry entry, String sequencer) {
        public Arrival {
            require(entry != null, "entry is missing");
            sequencer = Checks.orElse(sequencer, "");
        }
    }

    /** Someone is planning the job, of either kind. */
    record PlanProgress(String jobId, String digest, int attempt, String worker, Instant at)
            implements TaskEvent {
        public PlanProgress {
            Checks.jobId(jobId);
            require(digest != null, "digest is missing");
        }
    }

    /** The planner gave the job back unfinished; it does not count as an attempt. */
    record PlanReturned(String jobId, String digest, int attempt, String worker)
            implements TaskEvent {
        public PlanReturned {
            Checks.jobId(jobId);
            require(digest != null, "digest is missing");
        }
    }

    /** Planning failed and may not the next time. */
    record PlanFailed(String jobId, String digest, int attempt, String worker, Failure failure)
            implements TaskEvent {
        public PlanFailed {
            Checks.jobId(jobId);
            require(digest != null && failure != null, "digest and failure are needed");
        }
    }

    /** The job cannot be done as it was asked for; it ends FAILED with this message. */
    record JobRejected(String jobId, JobStatus.Kind kind, String digest, Failure failure)
            implements TaskEvent {
        public JobRejected {
            Checks.jobId(jobId);
            require(kind != null, "kind is missing");
            require(digest != null && failure != null, "digest and failure are needed");
        }
    }

    /** A user's command was read from the queue. */
    record CommandReceived(String jobId, JobCommand.Action action, Instant at)
            implements TaskEvent {
        public CommandReceived {
            Checks.jobId(jobId);
            require(action != null, "action is missing");
        }
    }

    /**
     * A worker started on a task or is still at it.
     *
     * @param done images that are finished
     * @param deviceMillis how long the device computed for it in this attempt, so far, ms
     */
    record TaskProgress(
            String jobId,
            int shard,
            int attempt,
            String worker,
            int done,
            long deviceMillis,
            Instant at)
            implements TaskEvent {
        public TaskProgress {
            Checks.jobId(jobId);
        }
    }

    /**
     * The shard's results are committed.
     *
     * @param deviceMillis how long the device computed for it in this attempt, ms
     */
    record TaskCompleted(
            String jobId,
            int shard,
            int attempt,
            String worker,
            long deviceMillis,
            List<TranslationResult> results)
            implements TaskEvent {
        public TaskCompleted {
            Checks.jobId(jobId);
            results = List.copyOf(results);
        }
    }

    /**
     * The worker gave the task back unfinished; it does not count as an attempt.
     *
     * @param deviceMillis how long the device computed for it in this attempt, ms
     */
    record TaskReturned(String jobId, int shard, int attempt, String worker, long deviceMillis)
            implements TaskEvent {
        public TaskReturned {
            Checks.jobId(jobId);
        }
    }

    /**
     * An attempt failed; the tracker decides about another.
     *
     * @param deviceMillis how long the device computed for it in this attempt, ms
     */
    record TaskFailed(
            String jobId, int shard, int attempt, String worker, long deviceMillis, Failure failure)
            implements TaskEvent {
        public TaskFailed {
            Checks.jobId(jobId);
            require(failure != null, "failure is missing");
        }
    }

    /** Someone is at the job's report, and has been for a while. */
    record ReportProgress(String jobId, int attempt, String worker, Instant at)
            implements TaskEvent {
        public ReportProgress {
            Checks.jobId(jobId);
        }
    }

    /** {@code report.json} and {@code failures.jsonl} are there. */
    record ReportWritten(String jobId, String report) implements TaskEvent {
        public ReportWritten {
            Checks.jobId(jobId);
            require(report != null, "report is missing");
        }
    }

    /** The report could not be written in this attempt. */
    record ReportFailed(String jobId, int attempt, Failure failure) implements TaskEvent {
        public ReportFailed {
            Checks.jobId(jobId);
            require(failure != null, "failure is missing");
        }
    }

    /** A training job was read from the queue. {@code digest} identifies its content. */
    record TrainingSubmitted(String jobId, String digest, TrainingJob job, Instant at)
            implements TaskEvent {
        public TrainingSubmitted {
            Checks.jobId(jobId);
            require(digest != null && job != null, "digest and job are needed");
        }
    }

    /** Every pair of a training job's dataset was checked. */
    record TrainingPlanned(String jobId, String digest, DatasetSummary dataset)
            implements TaskEvent {
        public TrainingPlanned {
            Checks.jobId(jobId);
            require(digest != null && dataset != null, "digest and dataset are needed");
        }
    }

    /**
     * A worker started on a slice or is still at it.
     *
     * @param epoch epochs finished
     * @param step steps since the job's beginning
     */
    record SliceProgress(
            String jobId, int slice, int attempt, String worker, int epoch, long step, Instant at)
            implements TaskEvent {
        public SliceProgress {
            Checks.jobId(jobId);
        }
    }

    /** The worker gave the job back; it does not count as an attempt. */
    record SliceReturned(String jobId, int slice, int attempt, String worker) implements TaskEvent {
        public SliceReturned {
            Checks.jobId(jobId);
        }
    }

    /** An attempt failed; the tracker tries again when the failure may pass. */
    record SliceFailed(String jobId, int slice, int attempt, String worker, Failure failure)
            implements TaskEvent {
        public SliceFailed {
            Checks.jobId(jobId);
            require(failure != null, "failure is missing");
        }
    }
}
