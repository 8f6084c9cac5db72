package io.pix2pix.api;

import io.pix2pix.event.JobStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The histories of the jobs that were last heard of; bounded. Filled on the follower's thread, read
 * from any.
 */
final class Histories {
    private static final int JOBS = 1000;

    // Guarded by itself; in the order in which jobs were last heard of.
    private final Map<String, History> histories =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, History> eldest) {
                    return size() > JOBS;
                }
            };

    void add(JobStatus status) {
        JobStatus.Training training = status.training();
        long done =
                training == null
                        ? status.images().done() + status.images().running()
                        : training.step();
        boolean moving = status.state() == JobStatus.State.RUNNING && status.tasksRunning() > 0;
        History history;
        synchronized (histories) {
            history = histories.computeIfAbsent(status.jobId(), id -> new History());
        }
        history.add(status.updatedAt(), done, moving);
    }

    /** The job's history; an empty one for a job that was not heard of lately. */
    History of(String jobId) {
        synchronized (histories) {
            History known = histories.get(jobId);
            return known == null ? new History() : known;
        }
    }
}
