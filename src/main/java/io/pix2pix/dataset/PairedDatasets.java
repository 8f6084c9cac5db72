package io.pix2pix.dataset;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.storage.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Opens the datasets of training jobs. One for a process: what it opens shares the memory and the
 * disk cache. Safe for use by many threads.
 */
public final class PairedDatasets {
    private static final int SHARE_OF_HEAP = 4;

    private final ObjectStore store;
    private final DatasetConfig config;
    private final PairReader reader;
    private final MemoryBudget memory;
    private final DiskCache disk;
    private final KnownListings listings;

    public PairedDatasets(ObjectStore store, DatasetConfig config, Clock clock) {
        this.store = store;
        this.config = config;
        reader = new PairReader(store, config);
        long share = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
        memory = new MemoryBudget(config.memoryBytes().orElse(share));
        disk = new DiskCache(directory(config).resolve("pixels"), config.cacheBytes(), clock);
        listings = KnownListings.of(config);
    }

    /** Where decoded pairs, and what is known of datasets, are kept on the local disk. */
    static Path directory(DatasetConfig config) {
        return config.cacheDirectory()
                .map(Path::of)
                .orElseGet(
                        () ->
                                Path.of(
                                        System.getProperty("user.home"),
                                        ".cache",
                                        "pix2pix",
                                        "pairs"));
    }

    /**
     * Lists the job's files and makes sure that they are those that were checked.
     *
     * @param expected what {@link DatasetPlanner#check} found
     * @throws io.pix2pix.failure.FailureException stage DATASET: DATASET_CHANGED, or what the
     *     storage says
     */
    public PairedDataset open(TrainingJob job, DatasetSummary expected) {
        DatasetFiles files = DatasetFiles.list(store, job, new Misfits());
        String found = files.fingerprint();
        if (!found.equals(expected.fingerprint())) {
            throw Changes.failure(expected, files, listings.find(expected.fingerprint()));
        }
        listings.keep(found, files);
        return new PairedDataset(job, expected, files, reader, memory, disk, config.fetchThreads());
    }
}
