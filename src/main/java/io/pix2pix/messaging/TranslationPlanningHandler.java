package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.translation.PlanListener;
import io.pix2pix.translation.PlanOutcome;
import io.pix2pix.translation.Planner;
import io.pix2pix.translation.TaskStoppedException;
import java.time.Instant;
import org.jboss.logging.Logger;

/** Takes translation jobs: lists their inputs into shards. */
public final class TranslationPlanningHandler extends SubmissionHandler<TranslationJob> {
    private static final Logger LOG = Logger.getLogger(TranslationPlanningHandler.class);

    private final Planner planner;
    private final WorkerContext context;

    public TranslationPlanningHandler(Planner planner, WorkerContext context) {
        super(JobStatus.Kind.TRANSLATION, Schema.TRANSLATION_JOB, TranslationJob.class, context);
        this.planner = planner;
        this.context = context;
    }

    @Override
    TaskEvent submitted(TranslationJob job, String digest, Instant at) {
        return new TaskEvent.JobSubmitted(job.jobId(), digest, job, at);
    }

    @Override
    void plan(TranslationJob job, String digest, Delivery delivery) {
        try {
            PlanOutcome plan = planner.plan(job, digest, new Listener(delivery, job, digest));
            context.publisher()
                    .event(
                            new TaskEvent.PlanCompleted(
                                    job.jobId(), digest, plan.shards(), plan.images()));
            LOG.infof("Job %s: %,d images in %,d tasks", job.jobId(), plan.images(), plan.shards());
        } catch (TaskStoppedException e) {
            if (!delivery.isLost() && !context.isTerminal(job.jobId())) {
                // Handing back is no failed attempt: a new record starts counting at one.
                context.publisher().submit(job);
            }
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
            context.publisher()
                    .event(new TaskEvent.ShardPlanned(job.jobId(), digest, shard, images));
        }

        @Override
        public boolean stopRequested() {
            return delivery.isLost() || delivery.isDraining() || context.isTerminal(job.jobId());
        }
    }
}
