package io.pix2pix.tracking;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All the tracker knows of one training job. */
final class TrainingJobState extends TrackedJob {
    @Nullable TrainingJob job;

    /** What planning found; null until then. */
    @Nullable DatasetSummary dataset;

    /** Slices handed out so far. */
    int slices;

    /** The slice that is in the queue or with a worker: at most one. */
    @Nullable Out out;

    /** A slice to be handed out again. */
    @Nullable Again again;

    /** Steps done, as last heard; a worker that dies falls back behind it. */
    long step;

    /** Prefix of the newest checkpoint. */
    @Nullable String checkpoint;

    long checkpointStep = -1;
    @Nullable String bestCheckpoint;
    @Nullable EpochCompleted lastEpoch;
    @Nullable Metrics validation;
    @Nullable String generator;

    /**
     * A slice that is handed out.
     *
     * @param fromStep the newest checkpoint's when it was handed out: one beyond it is progress
     * @param seenAt when a worker was last heard of; null while none has started
     * @param worker who that was
     */
    record Out(
            int slice,
            int attempt,
            long fromStep,
            Instant sentAt,
            @Nullable Instant seenAt,
            @Nullable String worker) {}

    /**
     * @param attempt the attempt it will be
     * @param notBefore when its backoff ends
     * @param failure how the attempt before ended; null when its worker went silent or handed back
     */
    record Again(int attempt, Instant notBefore, @Nullable Failure failure) {}

    @Override
    void heardNow(Instant now) {
        super.heardNow(now);
        Out o = out;
        if (o != null) {
            Instant seen = o.seenAt() == null ? null : now;
            out = new Out(o.slice(), o.attempt(), o.fromStep(), now, seen, o.worker());
        }
    }

    @Override
    boolean isPlanned() {
        return dataset != null;
    }

    @Override
    State resumed() {
        return dataset == null ? State.PLANNING : State.RUNNING;
    }

    @Override
    void end() {
        out = null;
        again = null;
    }

    @Override
    TrainingJob theJob() {
        if (job == null) {
            throw new IllegalStateException("Job " + jobId + " was never submitted");
        }
        return job;
    }

    DatasetSummary theDataset() {
        if (dataset == null) {
            throw new IllegalStateException("Job " + jobId + " is not planned");
        }
        return dataset;
    }

    /** Epochs finished. */
    int epoch() {
        return lastEpoch == null ? 0 : lastEpoch.epoch();
    }

    @Override
    JobStatus status() {
        boolean running = out != null && out.seenAt() != null;
        return new JobStatus(
                jobId,
                JobStatus.Kind.TRAINING,
                digest,
                state,
                training(),
                new JobStatus.Images(0, 0, 0, 0, 0),
                dataset != null,
                slices,
                out == null ? slices : slices - 1,
                running ? 1 : 0,
                out == null || out.worker() == null ? List.of() : List.of(out.worker()),
                attemptsFailed,
                deviceMillis,
                wastedMillis,
                lastCommand,
                null,
                failure,
                message(running),
                submittedAt,
                startedAt,
                updatedAt,
                finishedAt);
    }

    @Override
    Tally tally() {
        Out o = out;
        boolean running = o != null && o.seenAt() != null;
        return new Tally(1, running ? 1 : 0, o == null || running ? null : o.sentAt());
    }

    private JobStatus.Training training() {
        int epochs = job == null ? 0 : job.training().totalEpochs();
        return new JobStatus.Training(
                dataset == null ? 0 : dataset.pairs(),
                epoch(),
                epochs,
                step,
                dataset == null ? 0 : (long) dataset.stepsPerEpoch() * epochs,
                lastEpoch,
                validation,
                checkpoint,
                bestCheckpoint,
                generator);
    }

    private String message(boolean running) {
        return switch (state) {
            case PLANNING -> "checking every pair of the dataset";
            case RUNNING ->
                    "%d of %d epochs done%s"
                            .formatted(
                                    epoch(),
                                    theJob().training().totalEpochs(),
                                    running ? "" : ", waiting for a worker");
            case PAUSED -> "paused; resume to go on";
            case REPORTING, SUCCEEDED, COMPLETED_WITH_FAILURES ->
                    "%d epochs done, the generator is %s".formatted(epoch(), generator);
            case FAILED -> failure == null ? "failed" : failure.message();
            case CANCELLING, CANCELLED ->
                    "cancelled after %d epochs%s"
                            .formatted(
                                    epoch(),
                                    checkpoint == null
                                            ? ""
                                            : "; the newest checkpoint is " + checkpoint);
            case UNKNOWN -> throw new IllegalStateException("A tracked job is known");
        };
    }
}
