package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.ObjectStore.Content;
import io.pix2pix.translation.Batcher.Waiting;
import io.pix2pix.translation.OutputWriter.Output;
import io.pix2pix.translation.Pictures.Prepared;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
            long maxImageBytes,
            boolean lookFirst) {}

    private record Encoded(byte[] file, int width, int height) {}

    private final Tools tools;
    private final Attempt attempt;
    private final TaskControl control;
    private final StepClock clock;
    private final OutputWriter outputs;
    private final String parameters;
    private final BatchRun batchRun;
    private final Batcher batcher;
    private final Semaphore inFlight;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger passingFailures = new AtomicInteger();
    private final AtomicLong deviceNanos = new AtomicLong();

    ShardRun(Tools tools, Attempt attempt, TaskControl control, StepClock clock) {
        this.tools = tools;
        this.attempt = attempt;
        this.control = control;
        this.clock = clock;
        this.outputs = new OutputWriter(tools.store(), attempt.task().job());
        this.parameters = Lineage.parameters(attempt.task().job());
        this.batchRun = new BatchRun(tools.model().generator());
        this.batcher = new Batcher(this::batchSize, this::queueBatch);
        this.inFlight = new Semaphore(tools.imagesInFlight());
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
        while (images.size() < entries.size() && admitted()) {
            InputImage image = new InputImage(images.size(), entries.get(images.size()));
            images.add(translate(image).whenComplete((result, failure) -> leave(failure)));
        }
        batcher.complete();
        return Outcomes.await(images, entries.size(), attempt);
    }

    /** The way of one image, to its result. */
    private CompletableFuture<TranslationResult> translate(InputImage image) {
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
                                        .orElseGet(() -> make(image, ticket)))
                .thenApply(output -> attempt.done(image.index(), image.entry(), output))
                .whenComplete((result, failure) -> ticket.giveUp())
                .exceptionally(failure -> Outcomes.resultOf(failure, image, attempt));
    }

    /** The way of one image, from storage to storage. */
    private CompletableFuture<Output> make(InputImage image, Batcher.Ticket ticket) {
        Executor io = tools.executors().io();
        Executor codec = tools.executors().codec();
        return CompletableFuture.supplyAsync(() -> fetch(image), io)
                .thenApplyAsync(file -> tools.pictures().prepare(file), codec)
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
        return CompletableFuture.supplyAsync(
                () -> outputs.find(image.output(), lineage(image)), tools.executors().io());
    }

    private byte[] fetch(InputImage image) {
        try {
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
        return Math.min(tools.device().batchSize(shape.width(), shape.height()), batchRun.limit());
    }

    private void queueBatch(List<Waiting> batch) {
        try {
            tools.device().execute(() -> runBatch(batch));
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
            long start = System.nanoTime();
            clock.time(Step.GENERATE, () -> batchRun.run(batch));
            long nanos = System.nanoTime() - start;
            deviceNanos.addAndGet(nanos);
            tools.device().wasBusy(nanos);
        }
        batcher.batchDone();
    }

    /** Waits for room for another image; false when the attempt is to end. */
    private boolean admitted() {
        try {
            while (!control.stopRequested() && passingFailures.get() < MAX_PASSING_FAILURES) {
                if (inFlight.tryAcquire(STOP_POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void leave(@Nullable Throwable failure) {
        inFlight.release();
        if (failure == null) {
            control.progress(done.incrementAndGet());
        } else if (Outcomes.cause(failure) instanceof FailureException) {
            passingFailures.incrementAndGet();
        }
    }
}
