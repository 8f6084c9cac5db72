package io.pix2pix.api;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobStatus;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A job as REST shows it.
 *
 * @param message one sentence for people
 * @param actions what can be done with it now
 * @param progress how far it is and how long still
 * @param images of a translation; null for a training
 * @param training of a training; null for a translation
 * @param workers who is at it now, the first 50 by name
 * @param lastCommand the latest command and what became of it; null before the first
 * @param report URI of report.json once it is written
 * @param failure why it FAILED
 * @param job what was asked for, with all defaults; left out of lists and events
 */
@Schema(description = "A job, what it asks for and how far it is.")
public record JobView(
        @Schema(required = true) String jobId,
        @Schema(required = true) JobStatus.Kind kind,
        @Schema(required = true) State state,
        @Schema(required = true, description = "one sentence for people") String message,
        @Schema(required = true, description = "what can be done with it now")
                List<JobCommand.Action> actions,
        @Schema(required = true) Progress progress,
        JobStatus.@Nullable Images images,
        JobStatus.@Nullable Training training,
        @Schema(required = true) Tasks tasks,
        @Schema(required = true) Device device,
        @Schema(required = true, description = "who is at it now, at most 50") List<String> workers,
        @Schema(description = "the latest command and what became of it")
                JobStatus.@Nullable LastCommand lastCommand,
        @Schema(description = "URI of report.json once it is written") @Nullable String report,
        @Nullable Failure failure,
        @Schema(required = true) Instant submittedAt,
        @Nullable Instant startedAt,
        @Nullable Instant updatedAt,
        @Nullable Instant finishedAt,
        @Schema(
                        description =
                                "what was asked for, with all defaults; left out of lists and events",
                        implementation = Object.class)
                @Nullable Job job) {
    /** The states of {@link JobStatus.State} and one before them. */
    public enum State {
        /** Written to the topic; no planner has taken it yet. */
        SUBMITTED,
        PLANNING,
        RUNNING,
        PAUSED,
        REPORTING,
        CANCELLING,
        SUCCEEDED,
        COMPLETED_WITH_FAILURES,
        FAILED,
        CANCELLED;

        boolean isTerminal() {
            return switch (this) {
                case SUBMITTED, PLANNING, RUNNING, PAUSED, REPORTING, CANCELLING -> false;
                case SUCCEEDED, COMPLETED_WITH_FAILURES, FAILED, CANCELLED -> true;
            };
        }
    }

    /** What {@link Progress} counts. */
    public enum Unit {
        images,
        steps
    }

    /**
     * @param done images or steps, those of running tasks included
     * @param total found or planned so far
     * @param totalKnown whether {@code total} will not grow
     * @param perSecond over the last two minutes; null when nothing moved
     * @param secondsLeft at that rate; null when it is not known
     */
    public record Progress(
            @Schema(required = true) Unit unit,
            @Schema(required = true) long done,
            @Schema(required = true) long total,
            @Schema(required = true, description = "whether total will not grow")
                    boolean totalKnown,
            @Schema(description = "over the last two minutes") @Nullable Double perSecond,
            @Schema(description = "at that rate") @Nullable Long secondsLeft) {}

    /** Of a training: slices between two checkpoints. */
    public record Tasks(
            @Schema(required = true) int total,
            @Schema(required = true) int done,
            @Schema(required = true, description = "those that a worker is at") int running,
            @Schema(required = true) int attemptsFailed) {}

    /**
     * @param secondsSpent device time of what counts
     * @param secondsWasted device time of what was lost or done twice
     */
    public record Device(
            @Schema(required = true) double secondsSpent,
            @Schema(required = true) double secondsWasted) {}

    static JobView of(JobDirectory.Entry entry, History history, Instant now, boolean withJob) {
        JobStatus status = entry.status();
        State state = entry.state();
        Job job = withJob ? entry.job() : null;
        if (status == null) {
            Unit unit = entry.kind() == JobStatus.Kind.TRAINING ? Unit.steps : Unit.images;
            return new JobView(
                    entry.jobId(),
                    entry.kind(),
                    state,
                    "waiting for a planner",
                    Actions.of(state),
                    new Progress(unit, 0, 0, false, null, null),
                    null,
                    null,
                    new Tasks(0, 0, 0, 0),
                    new Device(0, 0),
                    List.of(),
                    null,
                    null,
                    null,
                    entry.submittedAt(),
                    null,
                    null,
                    null,
                    job);
        }
        boolean isTraining = entry.kind() == JobStatus.Kind.TRAINING;
        return new JobView(
                status.jobId(),
                entry.kind(),
                state,
                status.message(),
                Actions.of(state),
                progress(
                        status,
                        state.isTerminal() ? OptionalDouble.empty() : history.perSecond(now)),
                isTraining ? null : status.images(),
                status.training(),
                new Tasks(
                        status.tasks(),
                        status.tasksDone(),
                        status.tasksRunning(),
                        status.attemptsFailed()),
                new Device(status.deviceMillis() / 1e3, status.wastedMillis() / 1e3),
                status.workers(),
                status.lastCommand(),
                status.report(),
                status.failure(),
                status.submittedAt(),
                status.startedAt(),
                status.updatedAt(),
                status.finishedAt(),
                job);
    }

    private static Progress progress(JobStatus status, OptionalDouble perSecond) {
        JobStatus.Training training = status.training();
        Unit unit = training == null ? Unit.images : Unit.steps;
        JobStatus.Images images = status.images();
        long done = training == null ? images.done() + images.running() : training.step();
        long total = training == null ? images.total() : training.steps();
        Double rate =
                perSecond.isPresent() ? Math.round(perSecond.getAsDouble() * 1000) / 1e3 : null;
        Long left =
                perSecond.isPresent() && status.planned()
                        ? Math.round((total - done) / perSecond.getAsDouble())
                        : null;
        return new Progress(unit, done, total, status.planned(), rate, left);
    }
}
