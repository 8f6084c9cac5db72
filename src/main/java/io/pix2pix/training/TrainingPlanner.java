package io.pix2pix.training;

import io.pix2pix.dataset.DatasetPlanner;
import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;

/** Finds what is wrong with a training job before any device time is spent on it. */
public final class TrainingPlanner {
    private final ObjectStore store;
    private final DatasetPlanner datasets;
    private final TrainingConfig config;
    private final Clock clock;

    public TrainingPlanner(
            ObjectStore store, DatasetPlanner datasets, TrainingConfig config, Clock clock) {
        this.store = store;
        this.datasets = datasets;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Checks the networks, the output, every pair and the weights to begin with, in this order.
     *
     * @return what the dataset holds
     * @throws FailureException naming the field or the files that are wrong
     */
    public DatasetSummary plan(TrainingJob job) {
        Networks.of(job);
        Path scratch = Path.of(config.scratch());
        new Checkpoints(store, job, scratch, "planner", clock).requireOwnOutput();
        DatasetSummary dataset = datasets.check(job);
        new StartingPoints(store, scratch).check(job, dataset);
        return dataset;
    }
}
