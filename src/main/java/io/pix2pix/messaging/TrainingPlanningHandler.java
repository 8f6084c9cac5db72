package io.pix2pix.messaging;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.training.TrainingPlanner;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Takes training jobs: checks all that can be checked without a device. */
public final class TrainingPlanningHandler extends SubmissionHandler<TrainingJob> {
    private static final Logger LOG = Logger.getLogger(TrainingPlanningHandler.class);

    private final TrainingPlanner planner;
    private final WorkerContext context;

    public TrainingPlanningHandler(TrainingPlanner planner, WorkerContext context) {
        super(JobStatus.Kind.TRAINING, Schema.TRAINING_JOB, TrainingJob.class, context);
        this.planner = planner;
        this.context = context;
    }

    @Override
    TaskEvent submitted(TrainingJob job, String digest, Instant at) {
        return new TaskEvent.TrainingSubmitted(job.jobId(), digest, job, at);
    }

    @Override
    void plan(TrainingJob job, String digest, BooleanSupplier stop) {
        DatasetSummary dataset = planner.plan(job, stop);
        context.publisher().event(new TaskEvent.TrainingPlanned(job.jobId(), digest, dataset));
        LOG.infof(
                "Job %s: %,d pairs, %,d steps an epoch",
                job.jobId(), dataset.pairs(), dataset.stepsPerEpoch());
    }
}
