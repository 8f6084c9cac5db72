package io.pix2pix.training;

import io.pix2pix.dataset.Batches;
import io.pix2pix.dataset.PairBatch;
import io.pix2pix.dataset.PairedDataset;
import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.StepLosses;
import io.pix2pix.engine.TrainingBatch;
import io.pix2pix.engine.TrainingProgram;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.event.TrainingEvent.TrainingCompleted;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.LinearDecay;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.training.Checkpoints.Found;
import io.pix2pix.training.SliceOutcome.End;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One slice: the training of one job on one device, with its state there. */
final class TrainingRun {
    private static final Logger LOG = Logger.getLogger(TrainingRun.class);

    /**
     * What a run works with.
     *
     * @param slice a checkpoint is written at least this often
     */
    record Tools(
            PairedDataset dataset,
            TrainingProgram program,
            DeviceHealth health,
            CheckpointWriter writer,
            TrainingMetrics metrics,
            ObjectStore store,
            Duration slice,
            String worker,
            Clock clock) {}

    private final TrainingTask task;
    private final TrainingJob job;
    private final TrainingControl control;
    private final Tools tools;
    private final LinearDecay learningRate;
    private final Batches batches;
    private final int stepsPerEpoch;

    private final long firstStep;
    private int epoch;
    private long step;
    private EpochSums sums;
    private Progress.@Nullable Best best;
    private int validationsSinceBest;
    private @Nullable Metrics lastValidation;
    private long savedStep;
    private long savedNanos = System.nanoTime();
    private long lastNanos = System.nanoTime();

    TrainingRun(TrainingTask task, Progress from, TrainingControl control, Tools tools) {
        this.task = task;
        this.job = task.job();
        this.control = control;
        this.tools = tools;
        TrainingJob.Training t = job.training();
        learningRate = new LinearDecay(t.learningRate(), t.epochs(), t.decayEpochs());
        stepsPerEpoch = task.dataset().stepsPerEpoch();
        epoch = from.epoch();
        step = from.step();
        firstStep = step;
        sums = new EpochSums(from.unfinished());
        best = from.best();
        validationsSinceBest = from.validationsSinceBest();
        savedStep = tools.writer().newest() == null ? -1 : step;
        batches = tools.dataset().batches(epoch, sums.steps());
        LOG.infof(
                "Training %s on %d pairs from epoch %d, step %d; seed %d",
                job.jobId(), task.dataset().pairs(), epoch + 1, step, t.seed());
    }

    /** Steps until the job is done or the slice is. */
    SliceOutcome run() throws InterruptedException {
        while (!isDone()) {
            if (tools.health().isBroken()) {
                return handBack(tools.writer().await());
            }
            switch (control.wish()) {
                case STOP -> {
                    return new SliceOutcome(End.STOPPED, null);
                }
                case HAND_BACK -> {
                    return handBack();
                }
                case GO_ON -> {
                    // Go on.
                }
            }
            boolean saved = sums.steps() == stepsPerEpoch ? finishEpoch() : stepAndSave();
            if (saved && !isDone() && control.othersWait()) {
                return handBack();
            }
        }
        return complete();
    }

    private boolean isDone() {
        return epoch >= job.training().totalEpochs() || isStoppedEarly();
    }

    private boolean isStoppedEarly() {
        TrainingJob.Validation v = job.validation();
        return v != null
                && v.earlyStopping() != null
                && validationsSinceBest >= v.earlyStopping().patience();
    }

    private boolean stepAndSave() throws InterruptedException {
        step();
        boolean over = isSliceOver();
        if (over) {
            save();
        }
        return over;
    }

    private void step() throws InterruptedException {
        long waiting = System.nanoTime();
        PairBatch pairs = Objects.requireNonNull(batches.next(), "the batches ended early");
        long computing = System.nanoTime();
        tools.metrics().waited(computing - waiting);
        double rate = learningRate.rate(epoch);
        StepLosses losses =
                tools.program()
                        .step(
                                new TrainingBatch(
                                        pairs.size(),
                                        pairs.height(),
                                        pairs.width(),
                                        pairs.inputs(),
                                        pairs.targets()),
                                job.training().seed(),
                                epoch,
                                step,
                                rate);
        long end = System.nanoTime();
        tools.health().worked();
        tools.metrics().step(losses, rate, pairs.size(), end - computing);
        step++;
        if (!losses.isFinite()) {
            throw notFinite(losses, pairs);
        }
        // All that the loop costs between two steps counts, checkpoints too.
        sums.add(losses, end - computing, end - lastNanos);
        lastNanos = end;
        control.progress(epoch, step);
        tools.writer().check();
    }

    private FailureException notFinite(StepLosses losses, PairBatch pairs)
            throws InterruptedException {
        return Failures.permanent(
                Stage.TRAIN,
                "NOT_FINITE",
                "Step %d (epoch %d, %s) gave %s; %s"
                        .formatted(
                                step,
                                epoch + 1,
                                pairs.names(),
                                losses,
                                CheckpointWriter.advice(tools.writer().await())));
    }

    /**
     * Measures and tells what was due, and writes a checkpoint if one is; says whether. Leaves the
     * epoch unfinished when the slice is to end while it is being measured.
     */
    private boolean finishEpoch() throws InterruptedException {
        Metrics metrics = null;
        if (isValidationDue(epoch + 1)) {
            metrics = validate(epoch + 1);
            if (metrics == null) {
                return false;
            }
        }
        EpochSums finished = sums;
        double rate = learningRate.rate(epoch);
        tools.metrics().epoch();
        epoch++;
        sums = new EpochSums(null);
        boolean better = metrics != null && judge(metrics);
        // Told before a checkpoint lies behind it: whoever goes on from there will not tell it.
        control.tell(
                new EpochCompleted(
                        job.jobId(),
                        epoch,
                        job.training().totalEpochs(),
                        step,
                        finished.means(),
                        rate,
                        finished.imagesPerSecond(task.dataset().pairs()),
                        finished.deviceShare(),
                        metrics,
                        tools.worker(),
                        tools.clock().instant()));
        boolean due =
                epoch % job.checkpoint().everyEpochs() == 0 || better || isDone() || isSliceOver();
        if (due) {
            save();
        }
        return due;
    }

    private boolean isValidationDue(int finished) {
        TrainingJob.Validation v = job.validation();
        boolean last = finished == job.training().totalEpochs();
        return v != null && (last || finished % v.everyEpochs() == 0);
    }

    /** Null when the slice is to end. */
    private @Nullable Metrics validate(int finished) throws InterruptedException {
        TrainingJob.Validation v = Objects.requireNonNull(job.validation());
        Validator validator = new Validator(this::generate, v.samples());
        try {
            boolean whole =
                    validator.measure(tools.dataset().validation().orElseThrow(), this::goOn);
            if (!whole) {
                return null;
            }
        } catch (FailureException e) {
            throw e.failure().code().equals("NOT_FINITE") ? notFinite(e) : e;
        } finally {
            lastNanos = System.nanoTime();
        }
        tools.metrics().validated(validator.means(null));
        byte[] sheet = validator.sheet();
        if (sheet == null) {
            return validator.means(null);
        }
        S3Uri uri = output().resolve("samples/e%04d.png".formatted(finished));
        tools.store().put(uri, sheet, "image/png");
        return validator.means(uri.toString());
    }

    /** Of a validation, what the device does; reading and comparing pictures is not its work. */
    private List<Pixels> generate(List<Pixels> batch) {
        long start = System.nanoTime();
        try {
            return tools.program().generate(batch);
        } finally {
            tools.metrics().generated(System.nanoTime() - start);
        }
    }

    private boolean goOn() {
        control.alive();
        return control.wish() == TrainingControl.Wish.GO_ON;
    }

    /** The losses of the last step were numbers, what its update made of the weights is none. */
    private FailureException notFinite(FailureException e) throws InterruptedException {
        return Failures.permanent(
                Stage.TRAIN,
                "NOT_FINITE",
                "After step %d (epoch %d): %s; %s"
                        .formatted(
                                step,
                                epoch + 1,
                                e.failure().message(),
                                CheckpointWriter.advice(tools.writer().await())));
    }

    /** Remembers the best; says whether this is it. */
    private boolean judge(Metrics metrics) {
        lastValidation = metrics;
        if (best == null || isBetter(metrics, best.metrics())) {
            best = new Progress.Best(epoch, metrics, tools.writer().uri(epoch, step));
            validationsSinceBest = 0;
            return true;
        }
        validationsSinceBest++;
        return false;
    }

    private boolean isBetter(Metrics now, Metrics before) {
        TrainingJob.Validation v = Objects.requireNonNull(job.validation());
        TrainingJob.Metric metric =
                v.earlyStopping() == null ? TrainingJob.Metric.L1 : v.earlyStopping().metric();
        return switch (metric) {
            case L1 -> now.l1() < before.l1();
            case PSNR -> now.psnr() > before.psnr();
            case SSIM -> now.ssim() > before.ssim();
        };
    }

    private boolean isSliceOver() {
        return System.nanoTime() - savedNanos >= tools.slice().toNanos();
    }

    private void save() throws InterruptedException {
        if (savedStep != step) {
            // First, or there would be two copies of all tensors on the host.
            var unused = tools.writer().await();
            tools.writer().write(tools.program().state(), progress());
            savedStep = step;
        }
        savedNanos = System.nanoTime();
    }

    private Progress progress() {
        return new Progress(
                epoch, step, sums.progress(), best, validationsSinceBest, task.dataset());
    }

    private SliceOutcome handBack() throws InterruptedException {
        if (step > firstStep) {
            save();
        }
        return handBack(tools.writer().await());
    }

    private static SliceOutcome handBack(@Nullable Found newest) {
        return new SliceOutcome(End.HANDED_BACK, newest == null ? null : newest.uri().toString());
    }

    /** The generator where users look for it, and the end told. */
    private SliceOutcome complete() throws InterruptedException {
        save();
        Found last =
                Objects.requireNonNull(tools.writer().await(), "a finished job has a checkpoint");
        S3Uri generator = output().resolve("generator.pt");
        Progress.Best reached = best;
        // Whoever stops early wants what was reached before it got worse.
        S3Uri source =
                isStoppedEarly() && reached != null
                        ? S3Uri.parse(reached.checkpoint())
                        : last.uri();
        tools.writer().copyGenerator(source, generator);
        control.tell(
                new TrainingCompleted(
                        job.jobId(),
                        generator.toString(),
                        last.uri().toString(),
                        reached == null ? null : reached.checkpoint(),
                        epoch,
                        step,
                        epoch < job.training().totalEpochs(),
                        lastValidation,
                        tools.worker(),
                        tools.clock().instant()));
        return new SliceOutcome(End.COMPLETED, last.uri().toString());
    }

    private S3Uri output() {
        return S3Uri.parse(job.output().uri());
    }
}
