package io.pix2pix.training;

import io.pix2pix.dataset.PairedDataset;
import io.pix2pix.dataset.PairedDatasets;
import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.DeviceHealth.Verdict;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.engine.TrainingProgram;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.training.Checkpoints.Found;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * Trains a job from its newest checkpoint on, until it is done, is to be handed back or is stopped.
 *
 * <p>One for each device; not for use by two threads at once.
 */
public final class SliceTrainer {
    private final ObjectStore store;
    private final TensorEngine engine;
    private final DeviceHealth health;
    private final TrainingMetrics metrics;
    private final PairedDatasets datasets;
    private final TrainingConfig config;
    private final String worker;
    private final Clock clock;

    public SliceTrainer(
            ObjectStore store,
            TensorEngine engine,
            DeviceHealth health,
            PairedDatasets datasets,
            TrainingConfig config,
            String worker,
            Clock clock) {
        this.store = store;
        this.engine = engine;
        this.health = health;
        this.metrics = new TrainingMetrics(health.device());
        this.datasets = datasets;
        this.config = config;
        this.worker = worker;
        this.clock = clock;
    }

    /** Prefix of the job's newest checkpoint, which may be beyond the one that the task names. */
    public Optional<String> newestCheckpoint(TrainingTask task) {
        return checkpoints(task).newest().map(found -> found.uri().toString());
    }

    /**
     * @throws FailureException when the attempt failed; what was told and written before stays
     */
    public SliceOutcome train(TrainingTask task, TrainingControl control)
            throws InterruptedException {
        metrics.begins();
        try {
            return attempt(task, control);
        } catch (FailureException e) {
            boolean others =
                    DeviceHealth.concerns(e)
                            && health.failed(task.jobId(), e) == Verdict.WAS_BROKEN;
            if (others) {
                return new SliceOutcome(SliceOutcome.End.HANDED_BACK, task.checkpoint());
            }
            throw e;
        } finally {
            metrics.ends();
        }
    }

    private SliceOutcome attempt(TrainingTask task, TrainingControl control)
            throws InterruptedException {
        Checkpoints checkpoints = checkpoints(task);
        Optional<Found> newest = checkpoints.newest();
        try (CheckpointWriter writer =
                        new CheckpointWriter(
                                checkpoints,
                                task.job(),
                                newest.orElse(null),
                                control,
                                metrics,
                                worker,
                                clock);
                PairedDataset dataset = datasets.open(task.job(), task.dataset());
                OnDevice begun = begin(task, newest)) {
            newest.filter(found -> !found.uri().toString().equals(task.checkpoint()))
                    .ifPresent(writer::announce);
            TrainingRun.Tools tools =
                    new TrainingRun.Tools(
                            dataset,
                            begun.program(),
                            health,
                            writer,
                            metrics,
                            store,
                            config.slice(),
                            worker,
                            clock);
            return new TrainingRun(task, begun.from(), control, tools).run();
        }
    }

    /** A training that was put on the device; without the host's copy of the tensors. */
    private record OnDevice(TrainingProgram program, Progress from) implements AutoCloseable {
        @Override
        public void close() {
            program.close();
        }
    }

    private OnDevice begin(TrainingTask task, Optional<Found> newest) {
        StartingPoint start = start(task, newest);
        return new OnDevice(
                TrainingProgram.open(
                        engine,
                        Networks.of(task.job()),
                        start.state(),
                        Networks.statistics(task.job())),
                start.progress());
    }

    private Checkpoints checkpoints(TrainingTask task) {
        return new Checkpoints(store, task.job(), scratch(), worker, clock);
    }

    private StartingPoint start(TrainingTask task, Optional<Found> newest) {
        CheckpointReader reader = new CheckpointReader(store, scratch());
        if (newest.isPresent()) {
            var loaded = reader.load(newest.get().uri(), Networks.of(task.job()));
            return new StartingPoint(loaded.state(), loaded.info().progress());
        }
        if (task.checkpoint() != null) {
            throw Failures.permanent(
                    Stage.TRAIN,
                    "CHECKPOINT_INCOMPLETE",
                    "The job's checkpoint %s is gone; to begin anew, submit it under another jobId"
                            .formatted(task.checkpoint()));
        }
        return new StartingPoints(store, scratch()).open(task.job(), task.dataset());
    }

    private Path scratch() {
        return Path.of(config.scratch());
    }
}
