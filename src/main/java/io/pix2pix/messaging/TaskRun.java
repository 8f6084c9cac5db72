package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.translation.TaskControl;
import java.time.Clock;
import java.time.Duration;

/**
 * One attempt at a task as seen from outside: tells the tracker how far it is and the work when to
 * stop.
 */
final class TaskRun implements TaskControl {
    private final TranslationTask task;
    private final int attempt;
    private final String worker;
    private final Delivery delivery;
    private final StatusFollower statuses;
    private final Publisher publisher;
    private final TaskConfig config;
    private final Clock clock;
    private final Heartbeat heartbeat;
    private volatile long drainingSince;

    TaskRun(
            TranslationTask task,
            int attempt,
            String worker,
            Delivery delivery,
            StatusFollower statuses,
            Publisher publisher,
            TaskConfig config,
            Clock clock) {
        this.task = task;
        this.attempt = attempt;
        this.worker = worker;
        this.delivery = delivery;
        this.statuses = statuses;
        this.publisher = publisher;
        this.config = config;
        this.clock = clock;
        this.heartbeat =
                new Heartbeat(task.jobId() + "/" + task.shard(), config.stall(), 0, this::report);
    }

    /** Tells the tracker that the task has started, and goes on telling. */
    void begin() {
        heartbeat.begin(delivery);
    }

    @Override
    public boolean stopRequested() {
        if (delivery.isLost()) {
            return true;
        }
        if (delivery.isDraining() && drainingFor().compareTo(config.drain()) > 0) {
            return true;
        }
        return statuses.status(task.jobId())
                .map(s -> s.state() == State.PAUSED || s.state().isTerminal())
                .orElse(false);
    }

    @Override
    public void progress(int images) {
        heartbeat.progress(images);
    }

    private Duration drainingFor() {
        if (drainingSince == 0) {
            drainingSince = System.nanoTime();
        }
        return Duration.ofNanos(System.nanoTime() - drainingSince);
    }

    private void report(long images) {
        publisher.progress(
                new TaskEvent.TaskProgress(
                        task.jobId(),
                        task.shard(),
                        attempt,
                        worker,
                        (int) images,
                        clock.instant()));
    }
}
