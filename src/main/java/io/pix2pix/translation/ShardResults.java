package io.pix2pix.translation;

import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Content;
import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.storage.S3Uri;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shards' results as they are stored: written once, and then they are the shard's results. */
final class ShardResults {
    private static final long MAX_BYTES = 64L << 20;
    private static final String MODEL = "pix2pix-model";

    /**
     * @param modelSha256 of the model that they were made with; null when none was loaded
     */
    record Stored(List<TranslationResult> results, @Nullable String modelSha256) {}

    private final ObjectStore store;
    private final JobLayout layout;

    ShardResults(ObjectStore store, JobLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /** The committed results of a shard, if there are. */
    Optional<Stored> find(int shard) {
        return store.head(layout.results(shard)).map(object -> read(object.uri()));
    }

    /**
     * @throws FailureException NOT_FOUND when the shard is not committed
     */
    Stored read(int shard) {
        return read(layout.results(shard));
    }

    /**
     * Commits the results, unless another attempt has: then those stay.
     *
     * @return the results that count from now on
     */
    Stored commit(int shard, Stored results) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (TranslationResult result : results.results()) {
            lines.writeBytes(Json.write(result));
            lines.write('\n');
        }
        Map<String, String> metadata =
                results.modelSha256() == null ? Map.of() : Map.of(MODEL, results.modelSha256());
        Written written =
                store.create(
                        layout.results(shard),
                        lines.toByteArray(),
                        "application/x-ndjson",
                        metadata);
        return written == Written.CREATED ? results : read(shard);
    }

    private Stored read(S3Uri uri) {
        Content content = store.read(uri, MAX_BYTES);
        List<TranslationResult> results =
                new String(content.bytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.getBytes(StandardCharsets.UTF_8))
                        .map(line -> Json.read(line, TranslationResult.class))
                        .toList();
        return new Stored(results, content.object().metadata().get(MODEL));
    }
}
