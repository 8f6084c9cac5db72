package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Content;
import io.pix2pix.telemetry.Subject;
import io.pix2pix.telemetry.Traces;
import io.pix2pix.translation.Batcher.Waiting;
import io.pix2pix.translation.OutputWriter.Output;
import io.pix2pix.translation.Pictures.Prepared;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at the images of one shard: fetch, decode, batch, generate, encode, put, all at the
 * same time for different images. The images in flight are bounded, and with them every queue.
 */
final class ShardRun {
    /** After so many failures that may pass, storage or device are taken to be down. */
    private static final int MAX_PASSING_FAILURES = 16;

    /** An image that takes longer, waiting included, is in the traces. */
    private static final long SLOW_NANOS = 5_000_000_000L;

    private static final long STOP_POLL_MILLIS = 50;

    /**
     * What a run works with.
     *
     * @param maxImageBytes larger files are refused unread
     * @param lookFirst whether outputs may be there already, so that a look may save the work
     */
    record Tools(
            ObjectStore store,
            TranslationExecutors executors,
            TranslationDevice device,
            ModelCache.Lease model,
            Pictures pictures,
            int imagesInFlight,
            long bytesInFlight,
            long maxImageBytes,
            boolean lookFirst) {}

    private record Encoded(byte[] file, int width, int height) {}

    private final Tools tools;
    private final Attempt attempt;
    private final TaskControl control;
    private final StepClock clock;
    private final Executor io;
    private final Executor codec;
    private final Executor device;
    private final Traces.@Nullable Work work = Traces.current();
    private final OutputWriter outputs;
    private final String parameters;
    private final String modelName;
    private final BatchRun batchRun;
    private final Batcher batcher;
    private final InFlight inFlight;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger passingFailures = new AtomicInteger();
    private final AtomicLong deviceNanos = new AtomicLong();

    ShardRun(Tools tools, Attempt attempt, TaskControl control, StepClock clock) {
        this.tools = tools;
        this.attempt = attempt;
        this.control = control;
        this.clock = clock;
        this.io = Subject.carriedBy(tools.executors().io());
        this.codec = Subject.carriedBy(tools.executors().codec());
        this.device = Subject.carriedBy(tools.device()::execute);
        this.outputs = new OutputWriter(tools.store(), attempt.task().job());
        this.parameters = Lineage.parameters(attempt.task().job());
        TranslationJob.Model model = attempt.task().job().model();
        this.modelName = tools.model().sha256() + "/" + model.normalization();
        this.batchRun = new BatchRun(tools.model().generator(), modelName, tools.device());
        this.batcher = new Batcher(this::batchSize, this::queueBatch);
        this.inFlight = new InFlight(tools.imagesInFlight(), tools.bytesInFlight());
    }

    /** Time the device spent on this run, ns. */
    long deviceNanos() {
        return deviceNanos.get();
    }

    /**
     * Translates the images, in the manifest's order.
     *
     * @return one result for each entry
     * @throws TaskStoppedException when {@code control} asked for it
     * @throws FailureException stage TASK, retriable, when the failure of some image may pass; the
     *     others are done and stay so
     */
    List<TranslationResult> translate(List<ManifestEntry> entries) {
        List<CompletableFuture<TranslationResult>> images = new ArrayList<>(entries.size());
        for (int index : attempt.order(entries.size())) {
            ManifestEntry entry = entries.get(index);
            InFlight.Place place = enter(entry);
            if (place == null) {
                break;
            }
            InputImage image = new InputImage(index, entry);
            TranslationMetrics.imageBegins();
            long begun = System.nanoTime();
            images.add(
                    translate(image, place)
                            .whenComplete(
                                    (result, failure) -> {
                                        trace(entry.uri(), begun, result, failure);
                                        leave(place, result, failure);
                                    }));
        }
        batcher.complete();
        return Outcomes.await(images, entries.size(), attempt).stream()
                .sorted(Comparator.comparingInt(TranslationResult::index))
                .toList();
    }

    /** The way of one image, to its result. */
    private CompletableFuture<TranslationResult> translate(InputImage image, InFlight.Place place) {
        Failure problem = image.entry().problem();
        if (problem != null) {
            return CompletableFuture.completedFuture(
                    attempt.failed(image.index(), image.entry(), image.etag(), problem));
        }
        Batcher.Ticket ticket = batcher.expect();
        return doneBefore(image)
                .thenCompose(
                        before ->
                                before.map(CompletableFuture::completedFuture)
                                        .orElseGet(() -> make(image, place, ticket)))
                .thenApply(output -> attempt.done(image.index(), image.entry(), output))
                .whenComplete((result, failure) -> ticket.giveUp())
                .exceptionally(failure -> Outcomes.resultOf(failure, image, attempt));
    }

    /** The way of one image, from storage to storage. */
    private CompletableFuture<Output> make(
            InputImage image, InFlight.Place place, Batcher.Ticket ticket) {
        return CompletableFuture.completedFuture(image)
                .thenApplyAsync(this::fetch, io)
                .thenApplyAsync(file -> prepare(place, file), codec)
                .thenCompose(
                        prepared ->
                                ticket.arrive(prepared.input())
                                        .thenApplyAsync(out -> encode(prepared, out), codec))
                .thenApplyAsync(encoded -> put(image, encoded), io);
    }

    private CompletableFuture<Optional<Output>> doneBefore(InputImage image) {
        if (!tools.lookFirst()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return CompletableFuture.completedFuture(image).thenApplyAsync(this::findOutput, io);
    }

    private Optional<Output> findOutput(InputImage image) {
        try {
            return outputs.find(image.output(), lineage(image));
        } catch (FailureException e) {
            throw Failures.at(Stage.STORE, e);
        }
    }

    private byte[] fetch(InputImage image) {
        try {
            tools.store().allow().requireInput(Stage.FETCH, "", image.input());
            Content content =
                    clock.time(
                            Step.FETCH,
                            () -> tools.store().read(image.input(), tools.maxImageBytes()));
            image.wasRead(content.object().etag());
            return content.bytes();
        } catch (FailureException e) {
            throw Failures.at(Stage.FETCH, e);
        }
    }

    private Prepared prepare(InFlight.Place place, byte[] file) {
        Prepared prepared = tools.pictures().prepare(file);
        place.weighs(prepared.bytes());
        return prepared;
    }

    private Encoded encode(Prepared prepared, Pixels output) {
        Pixels picture = tools.pictures().crop(prepared, output);
        byte[] file = tools.pictures().encode(picture);
        return new Encoded(file, picture.width(), picture.height());
    }

    private Output put(InputImage image, Encoded e) {
        try {
            return clock.time(
                    Step.PUT,
                    () ->
                            outputs.write(
                                    image.output(),
                                    e.file(),
                                    lineage(image),
                                    e.width(),
                                    e.height()));
        } catch (FailureException failure) {
            throw Failures.at(Stage.STORE, failure);
        }
    }

    private Lineage lineage(InputImage image) {
        String etag = image.etag() == null ? "" : image.etag();
        return new Lineage(
                attempt.task().jobId(), tools.model().sha256(), image.input(), etag, parameters);
    }

    private int batchSize(Batcher.Shape shape) {
        return Math.min(
                tools.device().batchSize(shape.width(), shape.height()),
                tools.device().limits().limit(modelName, shape));
    }

    private void queueBatch(List<Waiting> batch) {
        try {
            device.execute(() -> runBatch(batch));
        } catch (RejectedExecutionException e) {
            batch.forEach(w -> w.translated().completeExceptionally(e));
            batcher.batchDone();
        }
    }

    private void runBatch(List<Waiting> batch) {
        if (control.stopRequested()) {
            TaskStoppedException stopped = new TaskStoppedException(attempt.toString(), done.get());
            batch.forEach(w -> w.translated().completeExceptionally(stopped));
        } else {
            TranslationMetrics.batch(batch.size());
            long start = System.nanoTime();
            clock.time(Step.GENERATE, () -> batchRun.run(batch));
            long end = System.nanoTime();
            control.deviceTime(deviceNanos.addAndGet(end - start));
            tools.device().wasBusy(start, end);
        }
        batcher.batchDone();
    }

    /** Waits for room for another image; null when the attempt is to end. */
    private InFlight.@Nullable Place enter(ManifestEntry entry) {
        long guess = tools.pictures().memory(entry.size());
        try {
            while (!control.stopRequested()
                    && !tools.device().health().isBroken()
                    && passingFailures.get() < MAX_PASSING_FAILURES) {
                InFlight.Place place = inFlight.enter(guess, STOP_POLL_MILLIS);
                if (place != null) {
                    return place;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Only of what somebody may want to look into. */
    private void trace(
            String uri,
            long begun,
            @Nullable TranslationResult result,
            @Nullable Throwable thrown) {
        if (work == null) {
            return;
        }
        long nanos = System.nanoTime() - begun;
        Failure failure = result == null ? null : result.failure();
        String message = failure == null ? null : failure.message();
        if (thrown != null) {
            message = String.valueOf(Outcomes.cause(thrown).getMessage());
        }
        if (message != null || nanos > SLOW_NANOS) {
            work.part("image", nanos, uri, message);
        }
    }

    private void leave(
            InFlight.Place place, @Nullable TranslationResult result, @Nullable Throwable failure) {
        place.leave();
        if (result == null) {
            TranslationMetrics.imageIsLeft();
        } else {
            TranslationMetrics.imageEnds(result);
        }
        if (failure == null) {
            control.progress(done.incrementAndGet());
        } else if (Outcomes.cause(failure) instanceof FailureException) {
            passingFailures.incrementAndGet();
        }
    }
}
