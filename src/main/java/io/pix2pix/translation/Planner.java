package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a translation job into shards.
 *
 * <p>Inputs are read once, as a stream; memory does not grow with them. Each shard's manifest is
 * written create-once and then reported, so that translating starts while listing goes on. The
 * shards form a chain (see {@link ManifestShard}): whoever plans a job again, after a crash or
 * beside another planner, takes over what is written and goes on behind it, and all come to the
 * same plan.
 *
 * <p>Safe for use by several threads, one job each.
 */
public final class Planner {
    /** Lists objects; {@link ObjectStore#list} is the one that counts. */
    @FunctionalInterface
    interface Lister {
        Stream<StoredObject> list(S3Uri prefix, @Nullable String startAfter);
    }

    private final ObjectStore store;
    private final Lister lister;
    private final long maxImages;

    /**
     * @param maxImages a job with more is rejected
     */
    public Planner(ObjectStore store, long maxImages) {
        this(store, store::list, maxImages);
    }

    Planner(ObjectStore store, Lister lister, long maxImages) {
        this.store = store;
        this.lister = lister;
        this.maxImages = maxImages;
    }

    /**
     * Plans the job, or takes over the plan that is there.
     *
     * @param digest identifies the job's content; a job of this id and another content that was
     *     planned to the same output before makes this one a DUPLICATE_JOB
     * @throws FailureException stage PLAN or MODEL. Permanent: the job cannot be done as asked
     *     (INVALID_JOB, DUPLICATE_JOB, MODEL_NOT_FOUND, NO_INPUT, TOO_MANY_IMAGES,
     *     MANIFEST_MALFORMED, NO_BUCKET, NOT_ALLOWED, ...). Retriable: plan again later
     * @throws TaskStoppedException when the listener asked for it
     */
    public PlanOutcome plan(TranslationJob job, String digest, PlanListener listener) {
        JobLayout layout = check(job);
        try {
            Manifest manifest = new Manifest(store, layout);
            manifest.claim(job, digest);
            PlanOutcome complete = manifest.completePlan();
            if (complete != null) {
                report(complete.shards(), complete.images(), job, listener);
                return complete;
            }
            try (Inputs inputs = open(job, layout, listener)) {
                return plan(job, inputs, manifest, listener);
            }
        } catch (FailureException e) {
            Stage stage = e.failure().stage();
            throw stage == Stage.PLAN || stage == Stage.MODEL
                    ? e
                    : Failures.at(Stage.PLAN, e, "output.uri: ");
        }
    }

    /**
     * Takes a standing job's place, whose shards come of what arrives.
     *
     * @throws FailureException as {@link #plan}
     */
    public void follow(TranslationJob job, String digest) {
        JobLayout layout = check(job);
        try {
            new Manifest(store, layout).claim(job, digest);
        } catch (FailureException e) {
            throw e.failure().stage() == Stage.PLAN
                    ? e
                    : Failures.at(Stage.PLAN, e, "output.uri: ");
        }
    }

    private PlanOutcome plan(
            TranslationJob job, Inputs inputs, Manifest manifest, PlanListener listener) {
        int shards = manifest.shards();
        ManifestShard last = shards == 0 ? null : manifest.read(shards - 1);
        long images = images(job, shards, last);
        report(shards, images, job, listener);

        boolean more = last == null || !last.last();
        while (more) {
            // Another planner's shard in place of ours means other inputs: walk on from behind it.
            boolean ours = true;
            try (Inputs.Walk walk = inputs.walk(images, last)) {
                while (ours && walk.hasNext()) {
                    checkStop(job, shards, listener);
                    ManifestShard planned = take(walk, job.shardSize());
                    requireRoom(images + planned.entries().size());
                    last = manifest.write(shards, planned);
                    ours = last.equals(planned);
                    listener.shardPlanned(shards, last.entries().size());
                    shards++;
                    images += last.entries().size();
                }
            }
            more = !ours && last != null && !last.last();
        }
        if (last == null) {
            throw Failures.permanent(Stage.PLAN, "NO_INPUT", inputs.nothingFound());
        }
        return manifest.complete(new PlanOutcome(shards, images));
    }

    private static void checkStop(TranslationJob job, int shards, PlanListener listener) {
        if (listener.stopRequested()) {
            throw new TaskStoppedException("planning job " + job.jobId(), shards);
        }
    }

    private void requireRoom(long images) {
        if (images > maxImages) {
            throw Failures.permanent(
                    Stage.PLAN,
                    "TOO_MANY_IMAGES",
                    "The job has at least %,d images, expected at most %,d (pix2pix.translation.max-images-per-job); divide it among several jobs"
                            .formatted(images, maxImages));
        }
    }

    private static ManifestShard take(Inputs.Walk walk, int size) {
        List<ManifestEntry> entries = new ArrayList<>(size);
        while (entries.size() < size && walk.hasNext()) {
            entries.add(walk.next());
        }
        List<String> openKeys = walk.openKeys();
        return new ManifestShard(entries, openKeys, !walk.hasNext());
    }

    /** Every shard but the last is full. */
    private static long images(TranslationJob job, int shards, @Nullable ManifestShard last) {
        return last == null ? 0 : (shards - 1L) * job.shardSize() + last.entries().size();
    }

    private static void report(int shards, long images, TranslationJob job, PlanListener listener) {
        for (int shard = 0; shard < shards; shard++) {
            checkStop(job, shard, listener);
            long left = images - (long) shard * job.shardSize();
            listener.shardPlanned(shard, (int) Math.min(job.shardSize(), left));
        }
    }

    /**
     * Checks what can be checked without listing: URIs, patterns, what the job may read and write,
     * and that the model is there.
     *
     * @throws FailureException stage PLAN or MODEL
     */
    public JobLayout check(TranslationJob job) {
        S3Uri model = uri("model.uri", job.model().uri());
        uri("output.uri", job.output().uri());
        JobLayout layout = JobLayout.of(job);
        S3Uri input = uri("input.uri", job.input().uri());
        boolean hasPatterns = !job.input().include().isEmpty() || !job.input().exclude().isEmpty();
        boolean isList = job.input().manifest();

        require(!model.isPrefix(), "model.uri must name an object, found the prefix " + model);
        require(
                !isList || !input.isPrefix(),
                "input.uri must name the manifest's object, found the prefix " + input);
        require(
                input.isPrefix() || !hasPatterns,
                "input.include and input.exclude choose below a prefix; input.uri names one object, "
                        + input);
        require(
                isList || !input.equals(layout.output()),
                "output.uri must not be the input prefix itself, found " + input + " for both");
        if (input.isPrefix()) {
            filter(job, input, layout.output());
        }
        store.allow().requireInput(Stage.PLAN, "input.uri: ", input);
        store.allow().requireOutput(Stage.PLAN, "output.uri: ", layout.output());
        store.allow().requireModel(Stage.MODEL, "model.uri: ", model);
        try {
            if (store.head(model).isEmpty()) {
                throw Failures.permanent(
                        Stage.MODEL, "MODEL_NOT_FOUND", "model.uri: there is no object " + model);
            }
        } catch (FailureException e) {
            throw e.failure().stage() == Stage.MODEL
                    ? e
                    : Failures.at(Stage.MODEL, e, "model.uri: ");
        }
        return layout;
    }

    private Inputs open(TranslationJob job, JobLayout layout, PlanListener listener) {
        S3Uri input = S3Uri.parse(job.input().uri());
        TranslationJob.Format format = job.output().format();
        if (input.isPrefix()) {
            OutputKeys outputs = new OutputKeys(layout.output(), format, input);
            return new PrefixInputs(
                    lister, input, filter(job, input, layout.output()), outputs, listener);
        }
        OutputKeys outputs = new OutputKeys(layout.output(), format, null);
        try {
            return job.input().manifest() ? listed(input, outputs) : single(input, outputs);
        } catch (FailureException e) {
            throw e.failure().stage() == Stage.PLAN ? e : Failures.at(Stage.PLAN, e, "input.uri: ");
        }
    }

    private Inputs listed(S3Uri input, OutputKeys outputs) {
        Path file = null;
        try {
            file = Files.createTempFile("pix2pix-inputs", ".jsonl");
            store.download(input, file);
            Inputs inputs = new ListedInputs(input, file, outputs, store.allow());
            file = null;
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deleteIfThere(file);
        }
    }

    private static void deleteIfThere(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Inputs single(S3Uri input, OutputKeys outputs) {
        StoredObject object =
                store.head(input)
                        .orElseThrow(
                                () ->
                                        Failures.permanent(
                                                Stage.PLAN,
                                                "NO_INPUT",
                                                "input.uri: there is no object %s (a prefix ends in a slash)"
                                                        .formatted(input)));
        String name = input.key().substring(input.key().lastIndexOf('/') + 1);
        return new SingleInput(outputs.entry(input, object.etag(), object.size(), name, null));
    }

    static InputFilter filter(TranslationJob job, S3Uri input, S3Uri output) {
        boolean outputInside = OutputKeys.isBelow(output, input) && !output.equals(input);
        String outputBelow = outputInside ? output.key().substring(input.key().length()) : null;
        try {
            return new InputFilter(job.input(), outputBelow);
        } catch (IllegalArgumentException e) {
            throw invalid("input.include or input.exclude: " + e.getMessage());
        }
    }

    private static S3Uri uri(String field, String text) {
        try {
            return S3Uri.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(field + ": " + e.getMessage());
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw invalid(message);
        }
    }

    private static FailureException invalid(String message) {
        return Failures.permanent(Stage.PLAN, "INVALID_JOB", message);
    }
}
