package io.pix2pix.training;

import io.pix2pix.event.TrainingEvent.CheckpointPublished;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.telemetry.Subject;
import io.pix2pix.training.Checkpoints.Found;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes checkpoints beside the training, one at a time: the steps wait only until the tensors are
 * copied, or until the checkpoint before is written.
 *
 * <p>For one training thread.
 */
final class CheckpointWriter implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CheckpointWriter.class);

    /** A checkpoint takes minutes to upload. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final Checkpoints checkpoints;
    private final TrainingJob job;
    private final TrainingControl control;
    private final TrainingMetrics metrics;
    private final @Nullable Subject subject = Subject.current();
    private final String worker;
    private final Clock clock;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "checkpoint-writer"));
    private @Nullable Future<Found> pending;
    private @Nullable Found newest;

    /**
     * @param newest the checkpoint that the training goes on from, if any
     */
    CheckpointWriter(
            Checkpoints checkpoints,
            TrainingJob job,
            @Nullable Found newest,
            TrainingControl control,
            TrainingMetrics metrics,
            String worker,
            Clock clock) {
        this.checkpoints = checkpoints;
        this.job = job;
        this.newest = newest;
        this.control = control;
        this.metrics = metrics;
        this.worker = worker;
        this.clock = clock;
    }

    /** The prefix that a checkpoint at this position has. */
    String uri(int epoch, long step) {
        return checkpoints.uri(epoch, step).toString();
    }

    /** Puts a checkpoint's generator where users look for it. */
    void copyGenerator(S3Uri checkpoint, S3Uri target) {
        checkpoints.copyGenerator(checkpoint, target);
    }

    /** Begins to write; waits first for the one before. */
    void write(TrainingState state, Progress progress) throws InterruptedException {
        await();
        long taken = System.nanoTime();
        pending = thread.submit(() -> save(state, progress, taken));
    }

    /** Fails when the checkpoint that was being written could not be. Does not wait. */
    void check() throws InterruptedException {
        if (pending != null && pending.isDone()) {
            await();
        }
    }

    /** Waits until what was begun is written; returns the newest checkpoint, null without any. */
    @Nullable Found await() throws InterruptedException {
        Future<Found> writing = pending;
        if (writing != null) {
            pending = null;
            try {
                newest = result(writing);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof FailureException failure) {
                    throw failure;
                }
                throw new IllegalStateException("Failed to write a checkpoint", e.getCause());
            }
        }
        return newest;
    }

    /** Waits as long as it takes: every request to the storage has a limit of its own. */
    private Found result(Future<Found> writing) throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return writing.get(10, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                control.alive();
            }
        }
    }

    /** The newest checkpoint that is surely written; null without any. */
    @Nullable Found newest() {
        return newest;
    }

    private Found save(TrainingState state, Progress progress, long takenNanos) {
        if (subject != null) {
            subject.enter();
        }
        requireFinite(state, progress);
        Found saved = checkpoints.save(state, progress);
        metrics.checkpoint(takenNanos);
        announce(saved);
        Progress.Best best = progress.best();
        prune(best == null ? null : best.checkpoint());
        return saved;
    }

    /** What is there too much harms nobody at once, so a training does not fail by it. */
    private void prune(@Nullable String best) {
        try {
            checkpoints.prune(job.checkpoint().keep(), best);
            int uploads = checkpoints.abortUploads(clock.instant().minus(ABANDONED));
            if (uploads > 0) {
                LOG.infof(
                        "Aborted %d uploads that killed workers of %s began", uploads, job.jobId());
            }
        } catch (FailureException e) {
            LOG.warnf(
                    "Old checkpoints or uploads of %s stay for now: %s",
                    job.jobId(), e.getMessage());
        }
    }

    /** Tells of a checkpoint; also of one whose writer died before it could. */
    void announce(Found saved) {
        Progress there = saved.info().progress();
        Progress.Best best = there.best();
        control.tell(
                new CheckpointPublished(
                        job.jobId(),
                        saved.uri().toString(),
                        there.epoch(),
                        there.step(),
                        best != null && best.checkpoint().equals(saved.uri().toString()),
                        worker,
                        clock.instant()));
    }

    /** Finite losses do not say that the update which followed them was. */
    private void requireFinite(TrainingState state, Progress progress) {
        state.tensors().forEach((name, tensor) -> requireFinite(name, tensor, progress));
    }

    private void requireFinite(String name, Tensor tensor, Progress progress) {
        for (float value : tensor.floats()) {
            // Infinity times zero is no number, either.
            if (value * 0f != 0f) {
                throw Failures.permanent(
                        Stage.TRAIN,
                        "NOT_FINITE",
                        "After step %d, %s holds %s; %s"
                                .formatted(progress.step(), name, value, advice(newest)));
            }
        }
    }

    /** What a person can do about a training that ran away. */
    static String advice(@Nullable Found newest) {
        return "%s; a lower learning rate or float32 may help"
                .formatted(
                        newest == null
                                ? "there is no checkpoint before it"
                                : "the last good checkpoint is " + newest.uri());
    }

    /** What is being written is of use whatever became of the training, so it may end. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(60, TimeUnit.SECONDS)) {
                thread.shutdownNow();
                var unused = thread.awaitTermination(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
