package io.pix2pix.translation;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.DeviceHealth.Verdict;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.telemetry.Subject;
import io.pix2pix.translation.OutputWriter.Output;
import io.pix2pix.translation.ShardResults.Stored;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Does translation tasks on one device.
 *
 * <p>Safe for use by several threads, one task each: a worker has two such slots, so that one
 * fetches and decodes while the other computes. Neither executors nor device are closed here.
 */
public final class ShardTranslator {
    private final ObjectStore store;
    private final TranslationExecutors executors;
    private final TranslationDevice device;
    private final TranslationConfig config;
    private final Decoder decoder;
    private final String worker;
    private final Clock clock;

    /**
     * @param worker who does the tasks, as results name it
     */
    public ShardTranslator(
            ObjectStore store,
            TranslationExecutors executors,
            TranslationDevice device,
            TranslationConfig config,
            String worker,
            Clock clock) {
        this.store = store;
        this.executors = executors;
        this.device = device;
        this.config = config;
        this.decoder = new Decoder(config.maxImagePixels());
        this.worker = worker;
        this.clock = clock;
    }

    /**
     * Translates a shard and commits its results; blocks until that is done. When another attempt
     * has committed the shard, its results are returned and nothing is done.
     *
     * @param attempt counts from 1, the broker's redeliveries included
     * @throws TaskStoppedException when {@code control} asked for it, the thread was interrupted or
     *     the device broke over other work; nothing is committed, the images that are done stay
     * @throws FailureException retriable: the attempt failed, another may not. Permanent: the job
     *     cannot go on, its model or its manifest being unusable
     */
    public ShardOutcome translate(TranslationTask task, int attempt, TaskControl control) {
        JobLayout layout = JobLayout.of(task.job());
        ShardResults shardResults = new ShardResults(store, layout);
        List<ManifestEntry> entries = manifest(task, layout);
        Optional<Stored> committed = shardResults.find(task.shard());
        if (committed.isPresent()) {
            return ShardOutcome.before(committed.get().results());
        }
        try (ModelCache.Lease model = model(task.job())) {
            return Attempt.isSuspicious(task, attempt)
                    ? translateCarefully(task, attempt, entries, model, control)
                    : translate(
                            new Attempt(task, attempt, 0, worker, clock), entries, model, control);
        }
    }

    private ShardOutcome translateCarefully(
            TranslationTask task,
            int number,
            List<ManifestEntry> entries,
            ModelCache.Lease model,
            TaskControl control) {
        CarefulAttempts attempts = new CarefulAttempts(store, task);
        int careful = attempts.begin();
        try {
            return translate(
                    new Attempt(task, number, careful, worker, clock), entries, model, control);
        } catch (RuntimeException e) {
            try {
                attempts.undo(careful);
            } catch (FailureException another) {
                e.addSuppressed(another);
            }
            throw e;
        }
    }

    private ShardOutcome translate(
            Attempt attempt,
            List<ManifestEntry> entries,
            ModelCache.Lease model,
            TaskControl control) {
        ShardResults shardResults = new ShardResults(store, JobLayout.of(attempt.task().job()));
        StepClock steps = new StepClock();
        ShardRun run = new ShardRun(tools(model, attempt, entries, steps), attempt, control, steps);
        Stored made = new Stored(run.translate(entries), model.sha256());
        Stored results = shardResults.commit(attempt.task().shard(), made);
        return new ShardOutcome(
                results.results(), run.deviceNanos(), steps.times(), !results.equals(made));
    }

    /**
     * Whether a task that is at its last attempt is owed another one, because a worker died over it
     * while it only waited to be tried carefully: so nobody knows yet which image is to blame, and
     * those beside it would fail with it. Where so few attempts are configured that it cannot be
     * tried from both ends, none is owed.
     *
     * @param attempt the last one, however its number came about: by redeliveries, by a hand-back
     *     or by the tracker's count
     * @throws FailureException retriable: storage cannot be reached
     */
    public boolean isOwedAnother(TranslationTask task, int attempt) {
        return Attempt.isSuspicious(task, attempt)
                && Attempt.hasCarefulBefore(attempt, CarefulAttempts.NEEDED)
                && !new CarefulAttempts(store, task).areDone();
    }

    private ModelCache.Lease model(TranslationJob job) {
        DeviceHealth health = device.health();
        if (health.isBroken()) {
            throw TaskStoppedException.deviceBroken(device.name());
        }
        try {
            return device.models().acquire(job.model());
        } catch (FailureException e) {
            boolean others =
                    DeviceHealth.concerns(e)
                            && health.failed(job.model().uri(), e) == Verdict.WAS_BROKEN;
            throw others ? TaskStoppedException.deviceBroken(device.name()) : e;
        }
    }

    private ShardRun.Tools tools(
            ModelCache.Lease model, Attempt attempt, List<ManifestEntry> entries, StepClock steps) {
        Pictures pictures = new Pictures(decoder, attempt.task().job(), model.generator(), steps);
        int inFlight =
                attempt.isCareful() ? 1 : config.imagesInFlight().orElse(4 * device.batchSize());
        boolean lookFirst = attempt.number() > 1 || isBegun(entries);
        return new ShardRun.Tools(
                store,
                executors,
                device,
                model,
                pictures,
                inFlight,
                config.bytesInFlight().orElse(Runtime.getRuntime().maxMemory() / 8),
                config.maxImageBytes(),
                lookFirst);
    }

    /** A task that was handed back is at its first attempt still, with images done. */
    private boolean isBegun(List<ManifestEntry> entries) {
        return entries.stream()
                .flatMap(entry -> Optional.ofNullable(entry.output()).stream())
                .findFirst()
                .map(output -> store.head(S3Uri.parse(output)).isPresent())
                .orElse(false);
    }

    /**
     * Ends a task that will not be tried again: images that an earlier attempt finished succeeded,
     * the others FAILED, with the code of the last attempt's failure, and retriable as that was (in
     * a new job they may succeed), or with ATTEMPTS_EXHAUSTED when nobody lived to tell; and that
     * is committed.
     *
     * @param attempt the number of this last attempt
     * @param last why the attempt before failed; null when it is not known (its worker died)
     * @throws FailureException retriable: storage cannot be reached
     */
    public ShardOutcome exhaust(TranslationTask task, int attempt, @Nullable Failure last) {
        JobLayout layout = JobLayout.of(task.job());
        ShardResults shardResults = new ShardResults(store, layout);
        List<ManifestEntry> entries = manifest(task, layout);
        Optional<Stored> committed = shardResults.find(task.shard());
        if (committed.isPresent()) {
            return ShardOutcome.before(committed.get().results());
        }
        Attempt self = new Attempt(task, attempt, 0, worker, clock);
        OutputWriter outputs = new OutputWriter(store, task.job());
        Executor io = Subject.carriedBy(executors.io());
        List<CompletableFuture<TranslationResult>> images = new ArrayList<>(entries.size());
        for (ManifestEntry entry : entries) {
            InputImage image = new InputImage(images.size(), entry);
            images.add(
                    CompletableFuture.supplyAsync(() -> lastWord(image, self, outputs, last), io)
                            .exceptionally(failure -> Outcomes.resultOf(failure, image, self)));
        }
        Stored made = new Stored(Outcomes.await(images, entries.size(), self), null);
        // The others were counted by the attempt that made them.
        made.results().stream()
                .filter(result -> result.failure() != null)
                .forEach(TranslationMetrics::count);
        Stored results = shardResults.commit(task.shard(), made);
        return new ShardOutcome(results.results(), 0, StepTimes.NONE, !results.equals(made));
    }

    private static TranslationResult lastWord(
            InputImage image, Attempt attempt, OutputWriter outputs, @Nullable Failure last) {
        Failure failure = image.entry().problem();
        if (failure == null) {
            // Without the model only this job's own outputs can be told to be the right ones.
            String etag = Objects.requireNonNullElse(image.etag(), "");
            Lineage own = new Lineage(attempt.task().jobId(), "", image.input(), etag, "");
            Optional<Output> done = outputs.find(image.output(), own);
            if (done.isPresent()) {
                return attempt.done(image.index(), image.entry(), done.get());
            }
            failure = exhausted(image.entry().uri(), attempt.number() - 1, last);
        }
        return attempt.failed(image.index(), image.entry(), image.etag(), failure);
    }

    private static Failure exhausted(String uri, int attempts, @Nullable Failure last) {
        String message = uri + ": not translated in " + attempts + " attempts, the last: ";
        return last == null
                ? Failure.permanent(
                        Stage.TASK, "ATTEMPTS_EXHAUSTED", message + "the workers died or lost it")
                : new Failure(
                        last.stage(), last.code(), message + last.message(), last.retriable());
    }

    /**
     * The shard's images, which a standing job's task brings and whoever does it stores.
     *
     * @throws FailureException DUPLICATE_JOB: the stored ones are others. So the job was there
     *     before and the tracker, which counts its shards from 0 again, has forgotten it; then
     *     results that lie there are not this task's either
     */
    private List<ManifestEntry> manifest(TranslationTask task, JobLayout layout) {
        Manifest manifest = new Manifest(store, layout);
        List<ManifestEntry> given = task.entries();
        List<ManifestEntry> stored;
        try {
            ManifestShard shard =
                    given == null
                            ? manifest.read(task.shard())
                            : manifest.write(
                                    task.shard(), new ManifestShard(given, List.of(), false));
            stored = shard.entries();
        } catch (FailureException e) {
            throw Failures.at(Stage.TASK, e, "The shard's manifest: ");
        }
        if (given != null && !stored.equals(given)) {
            throw Failures.permanent(
                    Stage.TASK,
                    "DUPLICATE_JOB",
                    "Shard %d of job %s has %d images, the first %s, but %s is that of an earlier job of this name: choose another jobId"
                            .formatted(
                                    task.shard(),
                                    task.jobId(),
                                    given.size(),
                                    given.get(0).uri(),
                                    layout.manifest(task.shard())));
        }
        return stored;
    }
}
