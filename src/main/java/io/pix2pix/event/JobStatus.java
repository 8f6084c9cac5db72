package io.pix2pix.event;

import static io.pix2pix.event.Checks.orElse;
import static io.pix2pix.event.Checks.require;

import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a job is: the latest record a key in the compacted topic {@code job-status}.
 *
 * @param kind what the job is; null while it is UNKNOWN
 * @param digest identifies the job's content: two submissions with one jobId are the same job when
 *     their digests are equal
 * @param training how far a training job is; null for a translation
 * @param images counts so far; {@code total} grows until {@code planned}
 * @param planned whether the listing is complete
 * @param tasksRunning tasks that a worker reported to be at
 * @param workers who is at them, the first {@value #MAX_WORKERS} by name
 * @param attemptsFailed attempts at tasks that failed or were lost
 * @param deviceMillis device time spent on completed tasks, ms
 * @param wastedMillis device time, as far as it was reported, of attempts that were lost, failed,
 *     were handed back or came second, ms; what such an attempt finished is kept, so this is the
 *     most that was done twice
 * @param lastCommand the latest command and what became of it; null before the first
 * @param report URI of report.json once it is written
 * @param failure why the job FAILED; null otherwise
 * @param message one sentence for people
 * @param submittedAt when the planner read the job; while it is UNKNOWN, when it was first named
 * @param finishedAt null until the state is terminal
 */
public record JobStatus(
        String jobId,
        @Nullable Kind kind,
        String digest,
        State state,
        @Nullable Training training,
        Images images,
        boolean planned,
        int tasks,
        int tasksDone,
        int tasksRunning,
        List<String> workers,
        int attemptsFailed,
        long deviceMillis,
        long wastedMillis,
        @Nullable LastCommand lastCommand,
        @Nullable String report,
        @Nullable Failure failure,
        String message,
        Instant submittedAt,
        @Nullable Instant startedAt,
        Instant updatedAt,
        @Nullable Instant finishedAt) {
    /** How many workers a status names. */
    public static final int MAX_WORKERS = 50;

    public JobStatus {
        Checks.jobId(jobId);
        require(state != null, "state is missing");
        require(kind != null || state == State.UNKNOWN, "kind is missing");
        require(images != null, "images is missing");
        workers = List.copyOf(orElse(workers, List.of()));
    }

    public enum Kind {
        TRANSLATION,
        TRAINING
    }

    /**
     * @param pairs in the dataset; 0 until it was checked
     * @param epoch epochs finished
     * @param epochs planned
     * @param step steps done, as last heard
     * @param steps planned
     * @param last the last finished epoch; null before
     * @param validation the last one; null before or without
     * @param checkpoint prefix of the newest; null before
     * @param bestCheckpoint prefix of the one with the best validation
     * @param generator URI of the final generator.pt
     */
    public record Training(
            int pairs,
            int epoch,
            int epochs,
            long step,
            long steps,
            TrainingEvent.@Nullable EpochCompleted last,
            TrainingEvent.@Nullable Metrics validation,
            @Nullable String checkpoint,
            @Nullable String bestCheckpoint,
            @Nullable String generator) {}

    /**
     * @param total images found so far
     * @param running images that running tasks have finished; they count as done when their task is
     */
    public record Images(long total, long succeeded, long skipped, long failed, long running) {
        /** Images whose result is committed. */
        public long done() {
            return succeeded + skipped + failed;
        }
    }

    /**
     * A user's command and what became of it.
     *
     * @param at when it was written
     * @param message one sentence for people
     */
    public record LastCommand(
            JobCommand.Action action, Instant at, Outcome outcome, String message) {
        public LastCommand {
            require(action != null && at != null, "action and at are needed");
            require(outcome != null, "outcome is missing");
        }
    }

    /** What became of a command. */
    public enum Outcome {
        /** The job's state changed. */
        APPLIED,
        /** The job was as the command wants it. */
        REPEATED,
        /** The job has ended or is about to; nothing changed. */
        TOO_LATE,
        /** There is no such job; the command counts for one that is submitted soon. */
        WAITING
    }

    public enum State {
        /** Inputs are being listed, nothing is translated yet. */
        PLANNING,
        /** Tasks are handed out (the listing may still go on). */
        RUNNING,
        /** No task is handed out until a resume. */
        PAUSED,
        /** Every image has its result; the report is being written. */
        REPORTING,
        /** A user cancelled: running tasks stop, the report of what was done is written. */
        CANCELLING,
        /** Every image succeeded or was skipped. */
        SUCCEEDED,
        /** Every image has its result, some of them FAILED. */
        COMPLETED_WITH_FAILURES,
        /** The job could not be done; {@code failure} says why. */
        FAILED,
        /** Stopped by a user. */
        CANCELLED,
        /** There is no such job, yet; a command named it. */
        UNKNOWN;

        /** Terminal states do not change. */
        public boolean isTerminal() {
            return switch (this) {
                case PLANNING, RUNNING, PAUSED, REPORTING, CANCELLING, UNKNOWN -> false;
                case SUCCEEDED, COMPLETED_WITH_FAILURES, FAILED, CANCELLED -> true;
            };
        }

        /** Whether workers drop what they do for the job. */
        public boolean wantsNoWork() {
            return this == CANCELLING || isTerminal();
        }
    }
}
