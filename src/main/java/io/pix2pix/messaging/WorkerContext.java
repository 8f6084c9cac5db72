package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import java.time.Clock;
import java.util.Optional;

/**
 * What everyone who does tasks in this process works with.
 *
 * @param worker this worker's name in events
 */
public record WorkerContext(
        StatusFollower statuses,
        Publisher publisher,
        TaskConfig config,
        Clock clock,
        String worker) {
    /** The same under the name of one of its slots. */
    public WorkerContext named(String name) {
        return new WorkerContext(statuses, publisher, config, clock, name);
    }

    /** Whether nothing of the job is to be done any more. */
    boolean wantsNoWork(String jobId) {
        return state(jobId).map(State::wantsNoWork).orElse(false);
    }

    /** Whether nobody waits to hear any more of the job. */
    boolean isTerminal(String jobId) {
        return state(jobId).map(State::isTerminal).orElse(false);
    }

    private Optional<State> state(String jobId) {
        return statuses.status(jobId).map(JobStatus::state);
    }
}
