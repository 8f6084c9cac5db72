package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import java.time.Clock;

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
    boolean isTerminal(String jobId) {
        return statuses.status(jobId).map(JobStatus::state).map(s -> s.isTerminal()).orElse(false);
    }
}
