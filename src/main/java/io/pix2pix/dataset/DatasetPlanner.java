package io.pix2pix.dataset;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingJob.Layout;
import io.pix2pix.image.Decoder;
import io.pix2pix.storage.ObjectStore;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Checks a training job's pairs before any device time is spent: lists them, and reads the header
 * of every file.
 *
 * <p>Damage behind a header shows only when a worker decodes the file, in the first epoch; small
 * files are read whole here, and checked to be whole.
 *
 * <p>Safe for use by several threads, one job each.
 */
public final class DatasetPlanner {
    private final ObjectStore store;
    private final DatasetConfig config;
    private final KnownListings listings;

    public DatasetPlanner(ObjectStore store, DatasetConfig config) {
        this.store = store;
        this.config = config;
        this.listings = KnownListings.of(config);
    }

    /**
     * Whether the network takes pictures of the job's cropSize is for the caller to check.
     *
     * @param stop asked before each pair, from several threads; true ends the check
     * @return what a worker has to find when it opens the dataset
     * @throws io.pix2pix.failure.FailureException stage DATASET. Permanent: INVALID_JOB,
     *     WRONG_CHANNELS, NO_PAIRS, BATCH_TOO_LARGE, BAD_PAIRS (naming the first files that do not
     *     fit, with the reason for each), NO_BUCKET, ACCESS_DENIED, NOT_ALLOWED. Retriable: the
     *     storage does not answer, or the dataset changes while it is being checked
     * @throws CancellationException as asked for by {@code stop}
     */
    public DatasetSummary check(TrainingJob job, BooleanSupplier stop) {
        requireChannels("generator.inputChannels", job.generator().inputChannels());
        requireChannels("generator.outputChannels", job.generator().outputChannels());
        Misfits misfits = new Misfits();
        DatasetFiles files = DatasetFiles.list(store, job, misfits);
        Layout layout = job.dataset().layout();
        Headers headers =
                new Headers(
                        store,
                        new Decoder(config.maxImagePixels()),
                        config.maxImageBytes(),
                        misfits);
        check("dataset.uri", files.training(), layout, headers, stop);
        if (files.validation() != null) {
            check("validation.uri", files.validation(), layout, headers, stop);
        }
        if (!misfits.isEmpty()) {
            throw misfits.failure();
        }
        requireBatch(job.training().batchSize(), files.training().pairs().size());
        DatasetSummary summary = files.summary(job.training().batchSize());
        listings.keep(summary.fingerprint(), files);
        return summary;
    }

    private void check(
            String field, PairSet set, Layout layout, Headers headers, BooleanSupplier stop) {
        requireFiles(set, field, layout);
        Parallel.forEach(
                set.pairs(),
                config.checkThreads(),
                pair -> {
                    if (stop.getAsBoolean()) {
                        throw new CancellationException("Checking " + set.prefix());
                    }
                    headers.check(set.prefix(), pair, layout);
                });
    }

    private static void requireChannels(String field, int channels) {
        if (channels != 1 && channels != 3) {
            throw Failures.permanent(
                    "WRONG_CHANNELS",
                    "%s is %d; image files give 1 (gray) or 3 (red-green-blue)"
                            .formatted(field, channels));
        }
    }

    private static void requireFiles(PairSet set, String field, Layout layout) {
        if (set.files().isEmpty()) {
            String where =
                    switch (layout) {
                        case SIDE_BY_SIDE -> set.prefix() + " (layout side-by-side)";
                        case FOLDERS ->
                                Stream.of("A/", "B/")
                                                .map(folder -> set.prefix().resolve(folder))
                                                .toList()
                                        + " (layout folders)";
                    };
            throw Failures.permanent(
                    "NO_PAIRS",
                    "%s: no image file (jpg, png, bmp, gif, tif, webp) lies below %s"
                            .formatted(field, where));
        }
    }

    private static void requireBatch(int batchSize, int pairs) {
        if (batchSize > pairs) {
            throw Failures.permanent(
                    "BATCH_TOO_LARGE",
                    "training.batchSize is %d, the dataset has %d %s"
                            .formatted(batchSize, pairs, pairs == 1 ? "pair" : "pairs"));
        }
    }
}
