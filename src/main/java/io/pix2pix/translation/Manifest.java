package io.pix2pix.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.util.BitSet;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A job's plan as it is stored: written once, piece by piece, and read by every worker. */
final class Manifest {
    private static final String JSON = "application/json";
    private static final String JSON_LINES = "application/x-ndjson";
    private static final Pattern SHARD = Pattern.compile("(\\d{5,9})\\.jsonl");

    /** A thousand entries with the longest keys, several times over. */
    private static final long MAX_BYTES = 64L << 20;

    private final ObjectStore store;
    private final JobLayout layout;

    Manifest(ObjectStore store, JobLayout layout) {
        this.store = store;
        this.layout = layout;
    }

    /** Marks the place as this job's, so that another job of the same id does not mix with it. */
    void claim(TranslationJob job, String digest) {
        ObjectNode claim = Json.mapper().createObjectNode().put("digest", digest);
        claim.set("job", Json.mapper().valueToTree(job));
        if (store.create(layout.job(), Json.write(claim), JSON, Map.of()) == Written.CREATED) {
            return;
        }
        ObjectNode first = Json.read(content(layout.job()), ObjectNode.class);
        if (!first.path("digest").asText().equals(digest)) {
            throw Failures.permanent(
                    Stage.PLAN,
                    "DUPLICATE_JOB",
                    "A job %s with other content was submitted before (%s): choose another jobId"
                            .formatted(job.jobId(), layout.job()));
        }
    }

    /** The plan, once it is complete. */
    @Nullable PlanOutcome completePlan() {
        return store.head(layout.plan()).isEmpty()
                ? null
                : Json.read(content(layout.plan()), PlanOutcome.class);
    }

    /** How many shards are written, without a gap. */
    int shards() {
        BitSet written = new BitSet();
        try (Stream<StoredObject> objects = store.list(layout.manifests(), null)) {
            objects.forEach(
                    object -> {
                        String key = object.uri().key();
                        String name = key.substring(layout.manifests().key().length());
                        Matcher shard = SHARD.matcher(name);
                        if (shard.matches()) {
                            written.set(Integer.parseInt(shard.group(1)));
                        }
                    });
        }
        return written.nextClearBit(0);
    }

    ManifestShard read(int shard) {
        return ManifestShard.parse(content(layout.manifest(shard)));
    }

    /** Writes the shard unless it is there; gives the one that is there now. */
    ManifestShard write(int shard, ManifestShard content) {
        Written written =
                store.create(layout.manifest(shard), content.toJsonLines(), JSON_LINES, Map.of());
        return written == Written.CREATED ? content : read(shard);
    }

    /** Marks the plan as complete; gives what is marked now. */
    PlanOutcome complete(PlanOutcome outcome) {
        Written written = store.create(layout.plan(), Json.write(outcome), JSON, Map.of());
        return written == Written.CREATED
                ? outcome
                : Json.read(content(layout.plan()), PlanOutcome.class);
    }

    private byte[] content(S3Uri uri) {
        return store.read(uri, MAX_BYTES).bytes();
    }
}
