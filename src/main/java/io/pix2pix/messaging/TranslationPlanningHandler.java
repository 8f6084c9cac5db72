package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.translation.PlanListener;
import io.pix2pix.translation.PlanOutcome;
import io.pix2pix.translation.Planner;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Takes translation jobs: lists their inputs into shards, or sets standing jobs up. */
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

    /** A standing job has no end of its listing; it runs, or has tasks, once it is set up. */
    @Override
    boolean isPlanned(TranslationJob job, JobStatus status) {
        boolean isSetUp = status.state() == JobStatus.State.RUNNING || status.tasks() > 0;
        return status.planned() || (job.input().follow() && isSetUp);
    }

    @Override
    void plan(TranslationJob job, String digest, BooleanSupplier stop) {
        if (job.input().follow()) {
            planner.follow(job, digest);
            context.publisher().event(new TaskEvent.Following(job.jobId(), digest));
            LOG.infof("Job %s follows %s", job.jobId(), job.input().uri());
            return;
        }
        PlanOutcome plan = planner.plan(job, digest, new Listener(job, digest, stop));
        context.publisher()
                .event(
                        new TaskEvent.PlanCompleted(
                                job.jobId(), digest, plan.shards(), plan.images()));
        LOG.infof("Job %s: %,d images in %,d tasks", job.jobId(), plan.images(), plan.shards());
    }

    private final class Listener implements PlanListener {
        private final TranslationJob job;
        private final String digest;
        private final BooleanSupplier stop;

        /** Shards that the tracker has heard of: whoever planned them before said so. */
        private final int known;

        Listener(TranslationJob job, String digest, BooleanSupplier stop) {
            this.job = job;
            this.digest = digest;
            this.stop = stop;
            this.known =
                    context.statuses()
                            .status(job.jobId())
                            .filter(status -> status.digest().equals(digest))
                            .map(JobStatus::tasks)
                            .orElse(0);
        }

        @Override
        public void shardPlanned(int shard, int images) {
            if (shard >= known) {
                context.publisher()
                        .event(new TaskEvent.ShardPlanned(job.jobId(), digest, shard, images));
            }
        }

        @Override
        public boolean stopRequested() {
            return stop.getAsBoolean();
        }
    }
}
