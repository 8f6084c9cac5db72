package io.pix2pix.training;

import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds checkpoints, whoever's, below a prefix. Safe for use by several threads. */
public final class CheckpointCatalog {
    /** A page may end early rather than list more keys than this. */
    private static final int KEYS_A_PAGE = 20_000;

    private static final Pattern INFO =
            Pattern.compile("(^|.*/)checkpoints/e\\d{4,9}-s\\d{8,18}/checkpoint\\.json");

    private final ObjectStore store;
    private final CheckpointReader reader;

    public CheckpointCatalog(ObjectStore store) {
        this.store = store;
        this.reader = new CheckpointReader(store, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /**
     * A model that translates.
     *
     * @param generator URI of its {@code generator.pt}
     * @param checkpoint prefix to resume from or to begin with
     * @param jobId of the training
     * @param network such as {@code unet_256}
     * @param epoch finished epochs
     * @param step steps since the beginning
     * @param metrics what validation measured at this point; null where it did not
     * @param best whether it was the job's best when it was written; null without validation
     * @param bytes size of {@code generator.pt}; null where it was not looked at
     */
    public record Model(
            String generator,
            String checkpoint,
            String jobId,
            String network,
            int filters,
            int epoch,
            long step,
            @Nullable Metrics metrics,
            @Nullable Boolean best,
            Instant createdAt,
            @Nullable Long bytes) {
        /** The same with what is known of it from elsewhere. */
        public Model with(@Nullable Metrics measured) {
            return new Model(
                    generator,
                    checkpoint,
                    jobId,
                    network,
                    filters,
                    epoch,
                    step,
                    metrics == null ? measured : metrics,
                    best,
                    createdAt,
                    bytes);
        }
    }

    /**
     * @param next where the next page begins; null after the last one. A page may be empty and yet
     *     have a next one.
     */
    public record Page(List<Model> models, @Nullable String next) {}

    /**
     * Checkpoints in the order of their keys, the older of a job first.
     *
     * @param startAfter what the page before gave as {@code next}; null: the beginning
     * @param limit models a page
     */
    public Page below(S3Uri prefix, @Nullable String startAfter, int limit) {
        List<Model> models = new ArrayList<>();
        int keys = 0;
        String last = startAfter;
        try (Stream<StoredObject> objects = store.list(prefix, startAfter)) {
            Iterator<StoredObject> each = objects.iterator();
            while (each.hasNext()) {
                if (models.size() == limit || keys++ == KEYS_A_PAGE) {
                    return new Page(models, last);
                }
                S3Uri uri = each.next().uri();
                last = uri.key();
                if (INFO.matcher(uri.key()).matches()) {
                    String folder = uri.key().substring(0, uri.key().lastIndexOf('/') + 1);
                    model(new S3Uri(uri.bucket(), folder)).ifPresent(models::add);
                }
            }
        }
        return new Page(models, null);
    }

    /** Empty when it was deleted meanwhile. */
    private Optional<Model> model(S3Uri checkpoint) {
        return reader.find(checkpoint).map(info -> model(checkpoint, info));
    }

    private static Model model(S3Uri checkpoint, CheckpointInfo info) {
        Progress progress = info.progress();
        Progress.Best best = progress.best();
        boolean isBest = best != null && best.checkpoint().equals(checkpoint.toString());
        return new Model(
                checkpoint.resolve(info.generator().name()).toString(),
                checkpoint.toString(),
                info.job().jobId(),
                info.job().generator().network(),
                info.job().generator().filters(),
                progress.epoch(),
                progress.step(),
                isBest && best != null ? best.metrics() : null,
                best == null ? null : isBest,
                info.createdAt(),
                info.generator().size());
    }
}
