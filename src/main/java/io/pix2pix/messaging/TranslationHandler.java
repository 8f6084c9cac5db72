package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.translation.ShardOutcome;
import io.pix2pix.translation.ShardTranslator;
import io.pix2pix.translation.TaskStoppedException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Does one shard of a translation job and tells the tracker what became of it. */
public final class TranslationHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(TranslationHandler.class);

    private final ShardTranslator translator;
    private final Quarantine quarantine;
    private final WorkerContext context;

    /**
     * @param quarantine shared by all slots of this process
     */
    public TranslationHandler(
            ShardTranslator translator, Quarantine quarantine, WorkerContext context) {
        this.translator = translator;
        this.quarantine = quarantine;
        this.context = context;
    }

    @Override
    public Verdict handle(Delivery delivery) {
        TranslationTask task;
        try {
            task = Json.read(delivery.value(), TranslationTask.class);
        } catch (IllegalArgumentException e) {
            return Insistence.refuse(
                    delivery,
                    context.publisher(),
                    Failure.permanent(
                            Stage.TASK, "UNREADABLE_TASK", String.valueOf(e.getMessage())));
        }
        int attempt = task.attempt() + delivery.count() - 1;
        delivery.about(task.jobId(), Integer.toString(task.shard()), attempt);
        TaskRun run = new TaskRun(task, attempt, delivery, context);
        if (context.wantsNoWork(task.jobId())) {
            delivery.ends(TaskOutcome.DROPPED);
            return Verdict.ACCEPT;
        }
        boolean isLast = attempt >= context.config().attempts();
        try (Quarantine.Stay stay = quarantine.enter(isLast ? 1 : attempt, run::stopRequested)) {
            if (stay == null) {
                handBack(delivery, task, attempt, run);
                return Verdict.ACCEPT;
            }
            if (isLast && translator.isOwedAnother(task, attempt)) {
                handBack(delivery, task, attempt - 1, run);
                return Verdict.ACCEPT;
            }
            run.begin();
            ShardOutcome outcome =
                    isLast
                            ? exhaust(delivery, task, attempt)
                            : translator.translate(task, attempt, run);
            context.publisher()
                    .event(
                            new TaskEvent.TaskCompleted(
                                    task.jobId(),
                                    task.shard(),
                                    attempt,
                                    context.worker(),
                                    TimeUnit.NANOSECONDS.toMillis(outcome.deviceNanos()),
                                    outcome.results()));
        } catch (TaskStoppedException | InterruptedException e) {
            handBack(delivery, task, attempt, run);
        } catch (FailureException e) {
            fail(delivery, task, attempt, run, e);
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(delivery, task, attempt, run, Unexpected.failure(Stage.TASK, e));
        }
        return Verdict.ACCEPT;
    }

    /** Enough attempts: what is unfinished ends as failed, so that the job can end. */
    private ShardOutcome exhaust(Delivery delivery, TranslationTask task, int attempt) {
        delivery.ends(TaskOutcome.EXHAUSTED);
        Failure last = task.lastFailure();
        Failure failure =
                Failure.permanent(
                        Stage.TASK,
                        "ATTEMPTS_EXHAUSTED",
                        "Task %s/%d was given up after %d attempts%s"
                                .formatted(
                                        task.jobId(),
                                        task.shard(),
                                        attempt - 1,
                                        last == null
                                                ? ", in each of which its worker died"
                                                : "; the last one: " + last.message()));
        LOG.error(failure.message());
        context.publisher().deadLetter(delivery.record(), failure);
        return translator.exhaust(task, attempt, last == null ? failure : last);
    }

    private void handBack(Delivery delivery, TranslationTask task, int attempt, TaskRun run) {
        delivery.ends(TaskOutcome.RETURNED);
        // Whoever stopped us has no more to say, and what follows has to be said.
        Thread.interrupted();
        if (!delivery.isLost() && !context.isTerminal(task.jobId())) {
            LOG.infof("Handing back task %s/%d", task.jobId(), task.shard());
            context.publisher()
                    .event(
                            new TaskEvent.TaskReturned(
                                    task.jobId(),
                                    task.shard(),
                                    attempt,
                                    context.worker(),
                                    run.deviceMillis()));
        }
    }

    private void fail(
            Delivery delivery, TranslationTask task, int attempt, TaskRun run, FailureException e) {
        if (run.stopRequested()) {
            // It was interrupted while it waited for something, or failed just before it stopped.
            LOG.infof(e, "Task %s/%d was stopped", task.jobId(), task.shard());
            handBack(delivery, task, attempt, run);
            return;
        }
        Failure failure = e.failure();
        if (!failure.retriable()) {
            delivery.ends(TaskOutcome.REJECTED);
            // The model or the manifest is unusable: no shard of the job can do better.
            LOG.warnf("Job %s is rejected: %s", task.jobId(), failure.message());
            context.publisher()
                    .event(
                            new TaskEvent.JobRejected(
                                    task.jobId(),
                                    JobStatus.Kind.TRANSLATION,
                                    Json.digest(task.job()),
                                    failure));
        } else {
            delivery.ends(TaskOutcome.FAILED);
            LOG.warnf(
                    e,
                    "Task %s/%d failed, attempt %d: %s",
                    task.jobId(),
                    task.shard(),
                    attempt,
                    failure.message());
            context.publisher()
                    .event(
                            new TaskEvent.TaskFailed(
                                    task.jobId(),
                                    task.shard(),
                                    attempt,
                                    context.worker(),
                                    run.deviceMillis(),
                                    failure));
        }
    }
}
