package io.pix2pix.messaging;

import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.translation.ReportWriter;
import io.pix2pix.translation.TaskStoppedException;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Writes the report of a job that has come to its end. */
public final class ReportHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(ReportHandler.class);

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
            context.publisher()
                    .deadLetter(
                            delivery.record(),
                            Failure.permanent(
                                    Stage.TASK, "UNREADABLE_TASK", String.valueOf(e.getMessage())));
            delivery.ends(TaskOutcome.DROPPED);
            return Verdict.ACCEPT;
        }
        int attempt = task.attempt() + delivery.count() - 1;
        delivery.about(task.jobId(), "report", attempt);
        BooleanSupplier stop =
                () ->
                        delivery.isLost()
                                || delivery.isDraining()
                                || context.isTerminal(task.jobId());
        delivery.interruptWhen(stop);
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
        delivery.ends(last ? TaskOutcome.EXHAUSTED : TaskOutcome.FAILED);
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
