package io.pix2pix.api;

import io.pix2pix.event.JobCommand.Action;
import java.util.List;

/** Which commands mean something in which state. */
final class Actions {
    private Actions() {}

    /** What a user may want to do now. */
    static List<Action> of(JobView.State state) {
        return switch (state) {
            case SUBMITTED, PLANNING, RUNNING -> List.of(Action.PAUSE, Action.CANCEL);
            case PAUSED -> List.of(Action.RESUME, Action.CANCEL);
            case REPORTING -> List.of(Action.CANCEL);
            case CANCELLING, SUCCEEDED, COMPLETED_WITH_FAILURES, FAILED, CANCELLED -> List.of();
        };
    }

    /** Whether the state is already what the command would bring about. */
    static boolean isDone(JobView.State state, Action action) {
        return switch (action) {
            case CANCEL -> state == JobView.State.CANCELLING || state == JobView.State.CANCELLED;
            case PAUSE -> state == JobView.State.PAUSED;
            case RESUME ->
                    switch (state) {
                        case SUBMITTED, PLANNING, RUNNING -> true;
                        default -> false;
                    };
        };
    }
}
