package io.pix2pix.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.translation.PlanListener;
import io.pix2pix.translation.PlanOutcome;
import io.pix2pix.translation.Planner;
import io.pix2pix.translation.TaskStoppedException;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/** Takes what users submit: checks it, tells the tracker, lists the inputs into shards. */
public final class PlanningHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(PlanningHandler.class);

    private final Planner planner;
    private final Publisher publisher;
    private final StatusFollower statuses;
    private final TaskConfig config;
    private final Clock clock;

    public PlanningHandler(
            Planner planner,
            Publisher publisher,
            StatusFollower statuses,
            TaskConfig config,
            Clock clock) {
        this.planner = planner;
        this.publisher = publisher;
        this.statuses = statuses;
        this.config = config;
        this.clock = clock;
    }

    @Override
    public Verdict handle(Delivery delivery) throws InterruptedException {
        TranslationJob job;
        try {
            job = Schema.TRANSLATION_JOB.read(delivery.value(), TranslationJob.class);
        } catch (IllegalArgumentException e) {
            return refuse(delivery, String.valueOf(e.getMessage()));
        }
        String digest = Json.digest(job);
        Optional<JobStatus> known = statuses.status(job.jobId());
        if (known.isPresent() && known.get().digest().equals(digest)) {
            if (known.get().planned() || known.get().state().isTerminal()) {
                LOG.infof("Job %s was submitted before and is planned", job.jobId());
                return Verdict.ACCEPT;
            }
        } else if (known.isPresent()) {
            return refuseTakenId(delivery.record(), known.get());
        }
        publisher.event(new TaskEvent.JobSubmitted(job.jobId(), digest, job, clock.instant()));
        return plan(delivery, job, digest);
    }

    private Verdict plan(Delivery delivery, TranslationJob job, String digest)
            throws InterruptedException {
        try {
            PlanOutcome plan = planner.plan(job, digest, new Listener(delivery, job, digest));
            publisher.event(
                    new TaskEvent.PlanCompleted(job.jobId(), digest, plan.shards(), plan.images()));
            LOG.infof("Job %s: %,d images in %,d tasks", job.jobId(), plan.images(), plan.shards());
            return Verdict.ACCEPT;
        } catch (TaskStoppedException e) {
            if (!delivery.isLost() && !isTerminal(job.jobId())) {
                // Handing back is no failed attempt: a new record starts counting at one.
                publisher.submit(job);
            }
            return Verdict.ACCEPT;
        } catch (FailureException e) {
            Failure failure = e.failure();
            if (failure.retriable() && delivery.count() < config.planAttempts()) {
                LOG.warnf(
                        "Job %s: planning failed, attempt %d: %s",
                        job.jobId(), delivery.count(), failure.message());
                Backoff.pause(delivery);
                return Verdict.RELEASE;
            }
            LOG.warnf("Job %s is rejected: %s", job.jobId(), failure.message());
            publisher.event(new TaskEvent.JobRejected(job.jobId(), digest, failure));
            return Verdict.ACCEPT;
        }
    }

    /** A record that is no job: put away, and where it names a job, that job ends FAILED. */
    private Verdict refuse(Delivery delivery, String why) {
        Failure failure =
                Failure.permanent(Stage.SUBMIT, "INVALID_JOB", "Not a translation job: " + why);
        publisher.deadLetter(delivery.record(), failure);
        jobIdOf(delivery.value())
                .filter(id -> statuses.status(id).isEmpty())
                .ifPresent(
                        id ->
                                publisher.event(
                                        new TaskEvent.JobRejected(
                                                id, Json.digest(delivery.value()), failure)));
        LOG.warnf("Put a record of %s into dead-letters: %s", delivery.record().topic(), why);
        return Verdict.ACCEPT;
    }

    private Verdict refuseTakenId(ConsumerRecord<String, byte[]> record, JobStatus first) {
        String message =
                "jobId %s is taken by another job, submitted at %s; choose a new jobId"
                        .formatted(first.jobId(), first.submittedAt());
        publisher.deadLetter(record, Failure.permanent(Stage.SUBMIT, "JOB_ID_TAKEN", message));
        LOG.warn(message);
        return Verdict.ACCEPT;
    }

    private boolean isTerminal(String jobId) {
        return statuses.status(jobId).map(s -> s.state().isTerminal()).orElse(false);
    }

    /** The jobId of a record that is wrong elsewhere. */
    private static Optional<String> jobIdOf(byte[] value) {
        try {
            JsonNode tree = Json.mapper().readTree(value);
            JsonNode id = tree == null ? null : tree.get("jobId");
            if (id != null && id.isTextual() && TranslationJob.isJobId(id.asText())) {
                return Optional.of(id.asText());
            }
            return Optional.empty();
        } catch (IOException e) {
            // That it is no JSON is what the dead letter says already.
            return Optional.empty();
        }
    }

    private final class Listener implements PlanListener {
        private final Delivery delivery;
        private final TranslationJob job;
        private final String digest;

        Listener(Delivery delivery, TranslationJob job, String digest) {
            this.delivery = delivery;
            this.job = job;
            this.digest = digest;
        }

        @Override
        public void shardPlanned(int shard, int images) {
            publisher.event(new TaskEvent.ShardPlanned(job.jobId(), digest, shard, images));
        }

        @Override
        public boolean stopRequested() {
            return delivery.isLost() || delivery.isDraining() || isTerminal(job.jobId());
        }
    }
}
