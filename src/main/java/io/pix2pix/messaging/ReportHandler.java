package io.pix2pix.messaging;

import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.translation.ReportWriter;
import io.pix2pix.translation.TaskStoppedException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Writes the report of a job that has come to its end. */
public final class ReportHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(ReportHandler.class);

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final ReportWriter writer;
    private final WorkerContext context;

    public ReportHandler(ReportWriter writer, WorkerContext context) {
        this.writer = writer;
        this.context = context;
    }

    @Override
    public Verdict handle(Delivery delivery) {
        ReportTask task;
        try {
            task = Json.read(delivery.value(), ReportTask.class);
        } catch (IllegalArgumentException e) {
            return Insistence.refuse(
                    delivery,
                    context.publisher(),
                    Failure.permanent(
                            Stage.TASK, "UNREADABLE_TASK", String.valueOf(e.getMessage())));
        }
        int attempt = task.attempt() + delivery.count() - 1;
        delivery.about(task.jobId(), "report", attempt);
        BooleanSupplier stop =
                () ->
                        delivery.isLost()
                                || delivery.isDraining()
                                || context.isTerminal(task.jobId());
        delivery.interruptWhen(stop);
        tellOn(task, attempt, delivery);
        try {
            String report = writer.write(task, stop).toString();
            context.publisher().event(new TaskEvent.ReportWritten(task.jobId(), report));
            return Verdict.ACCEPT;
        } catch (TaskStoppedException e) {
            delivery.ends(TaskOutcome.RETURNED);
            LOG.infof("Job %s: the report was stopped", task.jobId());
            return Verdict.RELEASE;
        } catch (FailureException e) {
            return failed(task, attempt, delivery, stop, e);
        } catch (RuntimeException | OutOfMemoryError e) {
            return failed(task, attempt, delivery, stop, Unexpected.failure(Stage.TASK, e));
        }
    }

    /** Tells the tracker every ten seconds that the report is being written. */
    private void tellOn(ReportTask task, int attempt, Delivery delivery) {
        AtomicLong told = new AtomicLong(context.clock().millis());
        delivery.onTick(
                () -> {
                    Instant now = context.clock().instant();
                    if (now.toEpochMilli() - told.get() >= INTERVAL.toMillis()) {
                        told.set(now.toEpochMilli());
                        context.publisher()
                                .progress(
                                        new TaskEvent.ReportProgress(
                                                task.jobId(), attempt, context.worker(), now));
                    }
                });
    }

    private Verdict failed(
            ReportTask task,
            int attempt,
            Delivery delivery,
            BooleanSupplier stop,
            FailureException e) {
        if (stop.getAsBoolean()) {
            delivery.ends(TaskOutcome.RETURNED);
            LOG.infof(e, "Job %s: the report was stopped", task.jobId());
            return Verdict.RELEASE;
        }
        Failure failure = e.failure();
        LOG.warnf(
                e,
                "Job %s: the report failed, attempt %d: %s",
                task.jobId(),
                attempt,
                failure.message());
        boolean last = attempt >= context.config().attempts();
        delivery.ends(
                !failure.retriable()
                        ? TaskOutcome.REJECTED
                        : last ? TaskOutcome.EXHAUSTED : TaskOutcome.FAILED);
        Failure told =
                new Failure(
                        failure.stage(),
                        failure.code(),
                        failure.message(),
                        failure.retriable() && !last);
        context.publisher().event(new TaskEvent.ReportFailed(task.jobId(), attempt, told));
        return Verdict.ACCEPT;
    }
}
