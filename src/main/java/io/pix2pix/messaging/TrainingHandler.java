package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.training.SliceOutcome;
import io.pix2pix.training.SliceTrainer;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Does one slice of a training job and tells the tracker what became of it. */
public final class TrainingHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(TrainingHandler.class);

    private final SliceTrainer trainer;
    private final WorkerContext context;

    public TrainingHandler(SliceTrainer trainer, WorkerContext context) {
        this.trainer = trainer;
        this.context = context;
    }

    @Override
    public Verdict handle(Delivery delivery) throws InterruptedException {
        TrainingTask task;
        try {
            task = Json.read(delivery.value(), TrainingTask.class);
        } catch (IllegalArgumentException e) {
            return Insistence.refuse(
                    delivery,
                    context.publisher(),
                    Failure.permanent(
                            Stage.TASK, "UNREADABLE_TASK", String.valueOf(e.getMessage())));
        }
        int attempt = task.attempt() + delivery.count() - 1;
        delivery.about(task.jobId(), Integer.toString(task.slice()), attempt);
        if (context.wantsNoWork(task.jobId()) || isSuperseded(task)) {
            delivery.ends(TaskOutcome.DROPPED);
            return Verdict.ACCEPT;
        }
        SliceRun run = new SliceRun(task, attempt, delivery, context);
        try {
            run.begin();
            if (delivery.count() > 1 && gainedBefore(task, attempt)) {
                delivery.ends(TaskOutcome.RETURNED);
                return Verdict.ACCEPT;
            }
            if (attempt >= context.config().attempts()) {
                reject(task, exhausted(task, attempt), delivery);
                return Verdict.ACCEPT;
            }
            SliceOutcome outcome = trainer.train(task, run);
            delivery.ends(
                    switch (outcome.end()) {
                        case COMPLETED -> TaskOutcome.COMPLETED;
                        case HANDED_BACK -> TaskOutcome.RETURNED;
                        case STOPPED -> TaskOutcome.DROPPED;
                    });
            if (outcome.end() == SliceOutcome.End.HANDED_BACK && !delivery.isLost()) {
                handBack(task, attempt, outcome.checkpoint());
            }
        } catch (FailureException e) {
            fail(task, attempt, delivery, e);
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(task, attempt, delivery, Unexpected.failure(Stage.TRAIN, e));
        }
        return Verdict.ACCEPT;
    }

    /** Whether the job has been handed out anew since: a repeated record of what is over. */
    private boolean isSuperseded(TrainingTask task) {
        return context.statuses()
                .status(task.jobId())
                .map(s -> SliceRun.isSuperseded(task, s))
                .orElse(false);
    }

    /**
     * Whether a worker that died over this task had first got further than the task says. Then the
     * job is handed out anew from there: attempts count only while nothing is gained.
     */
    private boolean gainedBefore(TrainingTask task, int attempt) {
        Optional<String> newest = trainer.newestCheckpoint(task);
        if (newest.isEmpty() || newest.get().equals(task.checkpoint())) {
            return false;
        }
        handBack(task, attempt, newest.get());
        return true;
    }

    private void handBack(TrainingTask task, int attempt, @Nullable String checkpoint) {
        LOG.infof("Handing back %s, slice %d, at %s", task.jobId(), task.slice(), checkpoint);
        context.publisher()
                .event(
                        new TaskEvent.SliceReturned(
                                task.jobId(), task.slice(), attempt, context.worker()));
    }

    private void fail(TrainingTask task, int attempt, Delivery delivery, FailureException e) {
        Failure failure = e.failure();
        if (delivery.isLost()) {
            LOG.infof("Lost %s, slice %d: %s", task.jobId(), task.slice(), failure.message());
        } else if (failure.retriable()) {
            delivery.ends(TaskOutcome.FAILED);
            LOG.warnf(
                    e,
                    "Slice %s/%d failed, attempt %d: %s",
                    task.jobId(),
                    task.slice(),
                    attempt,
                    failure.message());
            context.publisher()
                    .event(
                            new TaskEvent.SliceFailed(
                                    task.jobId(),
                                    task.slice(),
                                    attempt,
                                    context.worker(),
                                    failure));
        } else {
            reject(task, failure, delivery);
        }
    }

    private void reject(TrainingTask task, Failure failure, Delivery delivery) {
        LOG.warnf("Job %s ends FAILED: %s", task.jobId(), failure.message());
        boolean exhausted = failure.code().equals("ATTEMPTS_EXHAUSTED");
        delivery.ends(exhausted ? TaskOutcome.EXHAUSTED : TaskOutcome.REJECTED);
        if (exhausted) {
            context.publisher().deadLetter(delivery.record(), failure);
        }
        context.publisher()
                .event(
                        new TaskEvent.JobRejected(
                                task.jobId(),
                                JobStatus.Kind.TRAINING,
                                Json.digest(task.job()),
                                failure));
    }

    private Failure exhausted(TrainingTask task, int attempt) {
        Failure last = task.lastFailure();
        String checkpoint = task.checkpoint();
        return Failure.permanent(
                Stage.TRAIN,
                "ATTEMPTS_EXHAUSTED",
                "Given up after %d attempts without a new checkpoint%s; %s"
                        .formatted(
                                attempt - 1,
                                last == null
                                        ? ", in each of which the worker died or lost the task"
                                        : "; the last one: " + last.message(),
                                checkpoint == null
                                        ? "there is none"
                                        : "the last good checkpoint is " + checkpoint));
    }
}
