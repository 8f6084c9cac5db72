package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.translation.TaskControl;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One attempt at a task as seen from outside: tells the tracker how far it is and the work when to
 * stop.
 */
final class TaskRun implements TaskControl {
    private final TranslationTask task;
    private final int attempt;
    private final Delivery delivery;
    private final WorkerContext context;
    private final Heartbeat heartbeat;
    private volatile long drainingSince;
    private volatile long deviceNanos;

    TaskRun(TranslationTask task, int attempt, Delivery delivery, WorkerContext context) {
        this.task = task;
        this.attempt = attempt;
        this.delivery = delivery;
        this.context = context;
        this.heartbeat =
                new Heartbeat(
                        task.jobId() + "/" + task.shard(),
                        context.config().stall(),
                        0,
                        this::report);
    }

    /**
     * Tells the tracker that the task has started, and goes on telling. The start is sure to be
     * known before anything is done: a task that kills its workers must not look like one that
     * nobody has started.
     */
    void begin() {
        context.publisher().event(progressed(0));
        delivery.interruptWhen(this::stopRequested);
        heartbeat.begin(delivery);
    }

    /** How long the device computed in this attempt, ms. */
    long deviceMillis() {
        return TimeUnit.NANOSECONDS.toMillis(deviceNanos);
    }

    @Override
    public boolean stopRequested() {
        if (delivery.isLost()) {
            return true;
        }
        if (delivery.isDraining() && drainingFor().compareTo(context.config().drain()) > 0) {
            return true;
        }
        return context.statuses()
                .status(task.jobId())
                .map(s -> s.state() == State.PAUSED || s.state().wantsNoWork())
                .orElse(false);
    }

    @Override
    public void progress(int images) {
        heartbeat.progress(images);
    }

    @Override
    public void deviceTime(long nanos) {
        deviceNanos = nanos;
    }

    private Duration drainingFor() {
        if (drainingSince == 0) {
            drainingSince = System.nanoTime();
        }
        return Duration.ofNanos(System.nanoTime() - drainingSince);
    }

    private void report(long images) {
        context.publisher().progress(progressed(images));
    }

    private TaskEvent progressed(long images) {
        return new TaskEvent.TaskProgress(
                task.jobId(),
                task.shard(),
                attempt,
                context.worker(),
                (int) images,
                deviceMillis(),
                context.clock().instant());
    }
}
