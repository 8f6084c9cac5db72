package io.pix2pix.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * Takes what users submit: checks it, tells the tracker, plans it.
 *
 * @param <J> the kind of job
 */
abstract class SubmissionHandler<J extends Job> implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(SubmissionHandler.class);

    private final JobStatus.Kind kind;
    private final Schema schema;
    private final Class<J> type;
    private final WorkerContext context;

    SubmissionHandler(JobStatus.Kind kind, Schema schema, Class<J> type, WorkerContext context) {
        this.kind = kind;
        this.schema = schema;
        this.type = type;
        this.context = context;
    }

    /** What tells the tracker of the job. */
    abstract TaskEvent submitted(J job, String digest, Instant at);

    /**
     * Plans the job and tells the tracker.
     *
     * @throws FailureException when it cannot be done: now, or ever
     */
    abstract void plan(J job, String digest, Delivery delivery);

    @Override
    public Verdict handle(Delivery delivery) throws InterruptedException {
        J job;
        try {
            job = schema.read(delivery.value(), type);
        } catch (IllegalArgumentException e) {
            return refuse(delivery, String.valueOf(e.getMessage()));
        }
        String digest = Json.digest(job);
        Optional<JobStatus> known = context.statuses().status(job.jobId());
        if (known.isPresent() && known.get().digest().equals(digest)) {
            if (known.get().planned() || known.get().state().isTerminal()) {
                LOG.infof("Job %s was submitted before and is planned", job.jobId());
                return Verdict.ACCEPT;
            }
        } else if (known.isPresent()) {
            return refuseTakenId(delivery.record(), known.get());
        }
        context.publisher().event(submitted(job, digest, context.clock().instant()));
        try {
            plan(job, digest, delivery);
            return Verdict.ACCEPT;
        } catch (FailureException e) {
            return failed(job, digest, delivery, e.failure());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf(e, "Job %s: planning failed", job.jobId());
            return failed(job, digest, delivery, Unexpected.failure(Stage.PLAN, e).failure());
        }
    }

    private Verdict failed(J job, String digest, Delivery delivery, Failure failure)
            throws InterruptedException {
        if (failure.retriable() && delivery.count() < context.config().planAttempts()) {
            LOG.warnf(
                    "Job %s: planning failed, attempt %d: %s",
                    job.jobId(), delivery.count(), failure.message());
            Backoff.pause(delivery);
            return Verdict.RELEASE;
        }
        LOG.warnf("Job %s is rejected: %s", job.jobId(), failure.message());
        context.publisher().event(new TaskEvent.JobRejected(job.jobId(), kind, digest, failure));
        return Verdict.ACCEPT;
    }

    /** A record that is no job: put away, and where it names a job, that job ends FAILED. */
    private Verdict refuse(Delivery delivery, String why) {
        String what = kind == JobStatus.Kind.TRANSLATION ? "translation" : "training";
        Failure failure =
                Failure.permanent(
                        Stage.SUBMIT, "INVALID_JOB", "Not a %s job: %s".formatted(what, why));
        context.publisher().deadLetter(delivery.record(), failure);
        jobIdOf(delivery.value())
                .filter(id -> context.statuses().status(id).isEmpty())
                .ifPresent(
                        id ->
                                context.publisher()
                                        .event(
                                                new TaskEvent.JobRejected(
                                                        id,
                                                        kind,
                                                        Json.digest(delivery.value()),
                                                        failure)));
        LOG.warnf("Put a record of %s into dead-letters: %s", delivery.record().topic(), why);
        return Verdict.ACCEPT;
    }

    private Verdict refuseTakenId(ConsumerRecord<String, byte[]> record, JobStatus first) {
        String message =
                "jobId %s is taken by another job, submitted at %s; choose a new jobId"
                        .formatted(first.jobId(), first.submittedAt());
        context.publisher()
                .deadLetter(record, Failure.permanent(Stage.SUBMIT, "JOB_ID_TAKEN", message));
        LOG.warn(message);
        return Verdict.ACCEPT;
    }

    /** The jobId of a record that is wrong elsewhere. */
    private static Optional<String> jobIdOf(byte[] value) {
        try {
            JsonNode tree = Json.mapper().readTree(value);
            JsonNode id = tree == null ? null : tree.get("jobId");
            if (id != null && id.isTextual() && Job.isJobId(id.asText())) {
                return Optional.of(id.asText());
            }
            return Optional.empty();
        } catch (IOException e) {
            // That it is no JSON is what the dead letter says already.
            return Optional.empty();
        }
    }
}
