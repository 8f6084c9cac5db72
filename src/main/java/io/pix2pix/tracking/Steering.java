package io.pix2pix.tracking;

import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus.LastCommand;
import io.pix2pix.event.JobStatus.Outcome;
import io.pix2pix.event.JobStatus.State;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a command means in each state of a job. */
final class Steering {
    private Steering() {}

    static Outcome outcome(State state, Action action) {
        return switch (state) {
            case PLANNING, RUNNING -> action == Action.RESUME ? Outcome.REPEATED : Outcome.APPLIED;
            case PAUSED -> action == Action.PAUSE ? Outcome.REPEATED : Outcome.APPLIED;
            case CANCELLING, CANCELLED ->
                    action == Action.CANCEL ? Outcome.REPEATED : Outcome.TOO_LATE;
            case REPORTING, SUCCEEDED, COMPLETED_WITH_FAILURES, FAILED -> Outcome.TOO_LATE;
            case UNKNOWN -> Outcome.WAITING;
        };
    }

    /** The same for people. */
    static String message(State state, Action action) {
        return switch (outcome(state, action)) {
            case APPLIED ->
                    switch (action) {
                        case CANCEL -> "cancelled";
                        case PAUSE -> "paused";
                        case RESUME -> "resumed";
                    };
            case REPEATED ->
                    switch (action) {
                        case CANCEL -> "the job was cancelled before";
                        case PAUSE -> "the job was paused before";
                        case RESUME -> "the job was not paused";
                    };
            case TOO_LATE ->
                    switch (state) {
                        case REPORTING -> "every image is done, the report is being written";
                        case CANCELLING -> "the job is being cancelled";
                        default -> "the job has ended " + state;
                    };
            case WAITING -> "there is no such job, yet";
        };
    }

    /**
     * Whether the command changes nothing since it is the last one over again, or was written
     * before the last one and came later: queues keep no order. A cancel always counts, since
     * nothing after it would have.
     */
    static boolean isOvertaken(@Nullable LastCommand last, Action action, Instant at) {
        if (last == null) {
            return false;
        }
        boolean same = at.equals(last.at()) && action == last.action();
        return same || (at.isBefore(last.at()) && action != Action.CANCEL);
    }
}
