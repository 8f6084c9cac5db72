package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.training.TrainingControl;
import java.time.Clock;

/**
 * One attempt at a slice as seen from outside: tells the tracker how far it is and the training
 * when to stop.
 */
final class SliceRun implements TrainingControl {
    private final TrainingTask task;
    private final int attempt;
    private final String worker;
    private final Delivery delivery;
    private final StatusFollower statuses;
    private final Publisher publisher;
    private final Clock clock;
    private final Heartbeat heartbeat;
    private volatile int epoch;

    SliceRun(
            TrainingTask task,
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
        this.clock = clock;
        this.heartbeat =
                new Heartbeat(task.jobId() + "/" + task.slice(), config.stall(), 0, this::report);
    }

    /** Tells the tracker that the slice has started, and goes on telling. */
    void begin() {
        heartbeat.begin(delivery);
    }

    @Override
    public Wish wish() {
        if (delivery.isLost()) {
            return Wish.STOP;
        }
        State state = statuses.status(task.jobId()).map(JobStatus::state).orElse(State.RUNNING);
        if (state.isTerminal()) {
            return Wish.STOP;
        }
        return state == State.PAUSED || delivery.isDraining() ? Wish.HAND_BACK : Wish.GO_ON;
    }

    @Override
    public boolean othersWait() {
        return statuses.statuses().stream()
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
    public void tell(TrainingEvent event) {
        publisher.event(event);
    }

    private void report(long step) {
        publisher.progress(
                new TaskEvent.SliceProgress(
                        task.jobId(), task.slice(), attempt, worker, epoch, step, clock.instant()));
    }
}
