package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.translation.ReportWriter;
import org.jboss.logging.Logger;

/** Writes the report of a job whose shards are all in. */
public final class ReportHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(ReportHandler.class);

    private final ReportWriter writer;
    private final WorkerContext context;

    public ReportHandler(ReportWriter writer, WorkerContext context) {
        this.writer = writer;
        this.context = context;
    }

    @Override
    public Verdict handle(Delivery delivery) throws InterruptedException {
        ReportTask task = Json.read(delivery.value(), ReportTask.class);
        try {
            context.publisher()
                    .event(
                            new TaskEvent.ReportWritten(
                                    task.jobId(), writer.write(task).toString()));
            return Verdict.ACCEPT;
        } catch (FailureException e) {
            Failure failure = e.failure();
            if (failure.retriable() && delivery.count() < context.config().attempts() - 1) {
                LOG.warnf("Job %s: the report failed: %s", task.jobId(), failure.message());
                Backoff.pause(delivery);
                return Verdict.RELEASE;
            }
            Failure whole =
                    new Failure(
                            failure.stage(),
                            failure.code(),
                            "All images are done, but the report could not be written: "
                                    + failure.message(),
                            failure.retriable());
            LOG.errorf("Job %s: %s", task.jobId(), whole.message());
            context.publisher()
                    .event(
                            new TaskEvent.JobRejected(
                                    task.jobId(),
                                    JobStatus.Kind.TRANSLATION,
                                    Json.digest(task.job()),
                                    whole));
            return Verdict.ACCEPT;
        }
    }
}
