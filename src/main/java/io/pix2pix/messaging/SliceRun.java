package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.training.TrainingControl;
import java.util.Optional;

/**
 * One attempt at a slice as seen from outside: tells the tracker how far it is and the training
 * when to stop.
 */
final class SliceRun implements TrainingControl {
    private final TrainingTask task;
    private final int attempt;
    private final Delivery delivery;
    private final WorkerContext context;
    private final Heartbeat heartbeat;
    private volatile int epoch;

    SliceRun(TrainingTask task, int attempt, Delivery delivery, WorkerContext context) {
        this.task = task;
        this.attempt = attempt;
        this.delivery = delivery;
        this.context = context;
        this.heartbeat =
                new Heartbeat(
                        task.jobId() + "/" + task.slice(),
                        context.config().stall(),
                        0,
                        this::report);
    }

    /** As {@link TaskRun#begin}. */
    void begin() {
        context.publisher().event(progressed(0));
        heartbeat.begin(delivery);
    }

    @Override
    public Wish wish() {
        if (delivery.isLost()) {
            return Wish.STOP;
        }
        Optional<JobStatus> status = context.statuses().status(task.jobId());
        if (status.filter(s -> isSuperseded(task, s)).isPresent()) {
            return Wish.STOP;
        }
        State state = status.map(JobStatus::state).orElse(State.RUNNING);
        if (state.wantsNoWork()) {
            return Wish.STOP;
        }
        return state == State.PAUSED || delivery.isDraining() ? Wish.HAND_BACK : Wish.GO_ON;
    }

    /** Whether a later slice is out: then this one is nobody's any more. */
    static boolean isSuperseded(TrainingTask task, JobStatus status) {
        return status.tasks() > task.slice() + 1;
    }

    @Override
    public boolean othersWait() {
        return context.statuses().statuses().stream()
                .filter(s -> s.kind() == JobStatus.Kind.TRAINING)
                .filter(s -> s.state() == State.RUNNING && !s.jobId().equals(task.jobId()))
                .anyMatch(s -> s.tasks() > s.tasksDone() && s.tasksRunning() == 0);
    }

    @Override
    public void progress(int epochsDone, long step) {
        epoch = epochsDone;
        heartbeat.progress(step);
    }

    @Override
    public void alive() {
        heartbeat.alive();
    }

    @Override
    public void tell(TrainingEvent event) {
        context.publisher().event(event);
    }

    private void report(long step) {
        context.publisher().progress(progressed(step));
    }

    private TaskEvent progressed(long step) {
        return new TaskEvent.SliceProgress(
                task.jobId(),
                task.slice(),
                attempt,
                context.worker(),
                epoch,
                step,
                context.clock().instant());
    }
}
