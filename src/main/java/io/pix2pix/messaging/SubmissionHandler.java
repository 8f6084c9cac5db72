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
import io.pix2pix.translation.TaskStoppedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Takes what users submit: checks it, tells the tracker, plans it.
 *
 * @param <J> the kind of job
 */
abstract class SubmissionHandler<J extends Job> implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(SubmissionHandler.class);

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    /** A job travels with each of its tasks. */
    private static final int MAX_JOB_BYTES = 256 << 10;

    /** So many planners may die over one job, each of which went on where the last one was. */
    private static final int MAX_DEATHS = 10;

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

    /** Whether there is nothing left to plan of a job with this status. */
    boolean isPlanned(J job, JobStatus status) {
        return status.planned();
    }

    /**
     * Plans the job and tells the tracker.
     *
     * @param stop asked now and then; when true, the plan is left as it is
     * @throws FailureException when it cannot be done: now, or ever
     */
    abstract void plan(J job, String digest, BooleanSupplier stop);

    @Override
    public Verdict handle(Delivery delivery) {
        J job;
        try {
            job = read(delivery);
        } catch (IllegalArgumentException e) {
            return refuse(delivery, String.valueOf(e.getMessage()));
        }
        delivery.about(job.jobId(), "plan", delivery.attempt());
        String digest = Json.digest(job);
        Optional<JobStatus> known = known(job.jobId());
        if (known.isPresent() && known.get().digest().equals(digest)) {
            if (isPlanned(job, known.get()) || known.get().state().wantsNoWork()) {
                delivery.ends(TaskOutcome.DROPPED);
                LOG.infof("Job %s was submitted before and is planned", job.jobId());
                return Verdict.ACCEPT;
            }
        } else if (known.isPresent()) {
            return refuseTakenId(delivery, known.get());
        }
        TaskEvent submitted = submitted(job, digest, context.clock().instant());
        Optional<Verdict> untold =
                Insistence.tell(delivery, context.publisher(), submitted)
                        .or(() -> tellProgress(job, digest, delivery));
        if (untold.isPresent()) {
            return untold.get();
        }
        tellOn(job, digest, delivery);
        BooleanSupplier stop =
                () ->
                        delivery.isLost()
                                || delivery.isDraining()
                                || context.wantsNoWork(job.jobId());
        delivery.interruptWhen(stop);
        try {
            if (delivery.attempt() > MAX_DEATHS) {
                throw new FailureException(givenUp(delivery.attempt() - 1));
            }
            plan(job, digest, stop);
        } catch (TaskStoppedException | CancellationException e) {
            handBack(job, digest, delivery);
        } catch (FailureException e) {
            failed(job, digest, delivery, stop, e.failure());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf(e, "Job %s: planning failed", job.jobId());
            failed(job, digest, delivery, stop, Unexpected.failure(Stage.PLAN, e).failure());
        }
        return Verdict.ACCEPT;
    }

    private J read(Delivery delivery) {
        byte[] value = delivery.value();
        if (value.length > MAX_JOB_BYTES) {
            throw new IllegalArgumentException(
                    "it has %d bytes, expected at most %d, for it travels with each of its tasks"
                            .formatted(value.length, MAX_JOB_BYTES));
        }
        return schema.read(value, type);
    }

    private Optional<Verdict> tellProgress(J job, String digest, Delivery delivery) {
        return Insistence.tell(delivery, context.publisher(), progress(job, digest, delivery));
    }

    /** Tells the tracker every ten seconds that the job is being planned. */
    private void tellOn(J job, String digest, Delivery delivery) {
        AtomicLong told = new AtomicLong(System.nanoTime());
        delivery.onTick(
                () -> {
                    long now = System.nanoTime();
                    if (now - told.get() >= INTERVAL.toNanos()) {
                        told.set(now);
                        context.publisher().progress(progress(job, digest, delivery));
                    }
                });
    }

    private TaskEvent progress(J job, String digest, Delivery delivery) {
        return new TaskEvent.PlanProgress(
                job.jobId(),
                digest,
                delivery.attempt(),
                context.worker(),
                context.clock().instant());
    }

    private void handBack(J job, String digest, Delivery delivery) {
        delivery.ends(TaskOutcome.RETURNED);
        // Whoever stopped us has no more to say, and what follows has to be said.
        Thread.interrupted();
        if (!delivery.isLost() && !context.wantsNoWork(job.jobId())) {
            LOG.infof("Handing back the planning of job %s", job.jobId());
            context.publisher()
                    .event(
                            new TaskEvent.PlanReturned(
                                    job.jobId(), digest, delivery.attempt(), context.worker()));
        }
    }

    private void failed(
            J job, String digest, Delivery delivery, BooleanSupplier stop, Failure failure) {
        if (stop.getAsBoolean()) {
            // It was interrupted while it waited for something, or failed just before it stopped.
            LOG.infof("Job %s: planning was stopped: %s", job.jobId(), failure.message());
            handBack(job, digest, delivery);
        } else if (failure.retriable() && delivery.attempt() < context.config().planAttempts()) {
            delivery.ends(TaskOutcome.FAILED);
            LOG.warnf(
                    "Job %s: planning failed, attempt %d: %s",
                    job.jobId(), delivery.attempt(), failure.message());
            context.publisher()
                    .event(
                            new TaskEvent.PlanFailed(
                                    job.jobId(),
                                    digest,
                                    delivery.attempt(),
                                    context.worker(),
                                    failure));
        } else {
            delivery.ends(TaskOutcome.REJECTED);
            LOG.warnf("Job %s is rejected: %s", job.jobId(), failure.message());
            context.publisher().event(rejected(job.jobId(), digest, failure));
        }
    }

    private static Failure givenUp(int attempts) {
        return Failure.permanent(
                Stage.PLAN,
                "ATTEMPTS_EXHAUSTED",
                "Planning was given up after %d attempts, in each of which the worker died or lost it"
                        .formatted(attempts));
    }

    /** A record that is no job: put away, and where it names a job, that job ends FAILED. */
    private Verdict refuse(Delivery delivery, String why) {
        String what = kind == JobStatus.Kind.TRANSLATION ? "translation" : "training";
        Failure failure =
                Failure.permanent(
                        Stage.SUBMIT, "INVALID_JOB", "Not a %s job: %s".formatted(what, why));
        return jobIdOf(delivery.value())
                .filter(id -> known(id).isEmpty())
                .map(id -> rejected(id, Json.digest(delivery.value()), failure))
                .flatMap(event -> Insistence.tell(delivery, context.publisher(), event))
                .orElseGet(() -> Insistence.refuse(delivery, context.publisher(), failure));
    }

    private TaskEvent rejected(String jobId, String digest, Failure failure) {
        return new TaskEvent.JobRejected(jobId, kind, digest, failure);
    }

    private Optional<JobStatus> known(String jobId) {
        return context.statuses().status(jobId).filter(s -> s.state() != JobStatus.State.UNKNOWN);
    }

    private Verdict refuseTakenId(Delivery delivery, JobStatus first) {
        String message =
                "jobId %s is taken by another job, submitted at %s; choose a new jobId"
                        .formatted(first.jobId(), first.submittedAt());
        return Insistence.refuse(
                delivery,
                context.publisher(),
                Failure.permanent(Stage.SUBMIT, "JOB_ID_TAKEN", message));
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
