package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.translation.TaskControl;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * One attempt at a task as seen from outside: tells the tracker how far it is, tells the work when
 * to stop, and ends the process when nothing moves any more.
 */
final class TaskRun implements TaskControl {
    private static final Logger LOG = Logger.getLogger(TaskRun.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final TranslationTask task;
    private final int attempt;
    private final String worker;
    private final Delivery delivery;
    private final StatusFollower statuses;
    private final Publisher publisher;
    private final TaskConfig config;
    private final Clock clock;
    private final AtomicInteger done = new AtomicInteger();

    // Of the queue's thread only.
    private int reported;
    private long reportedNanos;
    private int moved;
    private long movedNanos;

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
    }

    /** Tells the tracker that the task has started, and goes on telling. */
    void begin() {
        reportedNanos = System.nanoTime();
        movedNanos = reportedNanos;
        report(0);
        delivery.onTick(this::tick);
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
        done.accumulateAndGet(images, Math::max);
    }

    private Duration drainingFor() {
        if (drainingSince == 0) {
            drainingSince = System.nanoTime();
        }
        return Duration.ofNanos(System.nanoTime() - drainingSince);
    }

    private void tick() {
        int now = done.get();
        long nanos = System.nanoTime();
        if (now > reported || nanos - reportedNanos >= HEARTBEAT.toNanos()) {
            report(now);
            reported = now;
            reportedNanos = nanos;
        }
        if (now > moved) {
            moved = now;
            movedNanos = nanos;
        } else if (nanos - movedNanos >= config.stall().toNanos()) {
            Stall.halt(
                    "Task %s/%d: no image has finished for %s"
                            .formatted(task.jobId(), task.shard(), config.stall()));
        }
    }

    private void report(int images) {
        LOG.debugf("Task %s/%d: %d images", task.jobId(), task.shard(), images);
        publisher.progress(
                new TaskEvent.TaskProgress(
                        task.jobId(), task.shard(), attempt, worker, images, clock.instant()));
    }
}
