package io.pix2pix.dataset;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingJob.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A training job's pairs, as a worker reads them. They stay decoded, in memory or on the local
 * disk, until this is closed.
 *
 * <p>Safe for use by many threads.
 */
public final class PairedDataset implements AutoCloseable {
    private static final int CLOSE_SECONDS = 10;

    private final Training job;
    private final DatasetSummary summary;
    private final PairForm form;
    private final KeptPairs training;
    private final @Nullable KeptPairs validation;
    private final ExecutorService fetchers;
    private final int fetchThreads;
    private final List<Batches> open = new ArrayList<>();

    PairedDataset(
            TrainingJob job,
            DatasetSummary summary,
            DatasetFiles files,
            PairReader reader,
            MemoryBudget memory,
            DiskCache disk,
            int fetchThreads) {
        this.job = job.training();
        this.summary = summary;
        this.fetchThreads = fetchThreads;
        form = PairForm.of(job, job.training().loadSize());
        fetchers = Parallel.pool("dataset-fetch-", fetchThreads);
        training = new KeptPairs(files.training(), form, reader, memory, disk, fetchers);
        PairSet held = files.validation();
        validation =
                held == null
                        ? null
                        : new KeptPairs(
                                held,
                                PairForm.of(job, job.training().cropSize()),
                                reader,
                                memory,
                                disk,
                                fetchers);
    }

    public DatasetSummary summary() {
        return summary;
    }

    /**
     * The batches from a step on to the end of the training; begins to fetch them at once.
     *
     * @param epoch from 0
     * @param step in the epoch, from 0; {@code stepsPerEpoch} for the next epoch's first
     */
    public synchronized Batches batches(int epoch, int step) {
        if (epoch < 0 || step < 0 || step > summary.stepsPerEpoch()) {
            throw new IllegalArgumentException(
                    "No step %d of %d in epoch %d".formatted(step, summary.stepsPerEpoch(), epoch));
        }
        Batches batches =
                new Batches(
                        training,
                        form,
                        job,
                        summary.stepsPerEpoch(),
                        fetchThreads + job.batchSize(),
                        epoch,
                        step);
        open.add(batches);
        return batches;
    }

    /** Empty for a job without validation. */
    public Optional<ValidationPairs> validation() {
        return Optional.ofNullable(validation)
                .map(pairs -> new ValidationPairs(pairs, 2 * fetchThreads));
    }

    /** Closes what was opened from this, stops the threads, and lets the memory go. */
    @Override
    public synchronized void close() {
        open.forEach(Batches::close);
        fetchers.shutdownNow();
        try {
            var unused = fetchers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        training.close();
        if (validation != null) {
            validation.close();
        }
    }
}
