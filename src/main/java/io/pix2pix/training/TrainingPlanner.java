package io.pix2pix.training;

import io.pix2pix.dataset.DatasetPlanner;
import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.AllowLists;
import io.pix2pix.storage.ObjectStore;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Finds what is wrong with a training job before any device time is spent on it. */
public final class TrainingPlanner {
    private final AllowLists allow;
    private final DatasetPlanner datasets;
    private final StartingPoints starts;

    public TrainingPlanner(ObjectStore store, DatasetPlanner datasets, TrainingConfig config) {
        this.allow = store.allow();
        this.datasets = datasets;
        this.starts = new StartingPoints(store, Path.of(config.scratch()));
    }

    /**
     * Checks the networks, what the job may read and write, every pair, the output and the weights
     * to begin with.
     *
     * @param stop asked before each pair, from several threads; true ends the check
     * @return what the dataset holds
     * @throws FailureException naming the field or the files that are wrong
     * @throws java.util.concurrent.CancellationException as asked for by {@code stop}
     */
    public DatasetSummary plan(TrainingJob job, BooleanSupplier stop) {
        Networks.of(job);
        checkAllowed(job);
        int size = job.training().cropSize();
        if (job.validation() != null && !Ssim.fits(size, size)) {
            throw Failures.invalidJob(
                    "$.training.cropSize: expected at least 11 pixels for the windows of SSIM, found %d; leave out $.validation or take larger crops"
                            .formatted(size));
        }
        DatasetSummary dataset = datasets.check(job, stop);
        starts.check(job, dataset);
        return dataset;
    }

    /** All that the job names, before anything of it is read. */
    private void checkAllowed(TrainingJob job) {
        allowInput("$.dataset.uri", job.dataset().uri());
        if (job.validation() != null) {
            allowInput("$.validation.uri", job.validation().uri());
        }
        allow.requireOutput(Stage.PLAN, "$.output.uri: ", Networks.output(job));
        starts.checkAllowed(job);
    }

    private void allowInput(String field, String uri) {
        allow.requireInput(Stage.PLAN, field + ": ", Networks.uri(field, uri));
    }
}
