package io.pix2pix.training;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.pix2pix.engine.StepLosses;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.telemetry.Meters;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;

/**
 * What is measured of the training that a device is at. Written by the training's threads, read by
 * whoever asks.
 */
final class TrainingMetrics {
    private static final StepLosses NO_LOSSES =
            new StepLosses(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    private static final Metrics NOT_VALIDATED =
            new Metrics(Double.NaN, Double.NaN, Double.NaN, null);

    private final Timer steps =
            Meters.times("pix2pix.training.step", "A training step on the device");
    private final Timer waits =
            Meters.timer("pix2pix.training.wait", "Waiting for the next batch of pairs");
    private final Counter images = Meters.counter("pix2pix.training.images", "Pairs trained on");
    private final Counter epochs = Meters.counter("pix2pix.training.epochs", "Epochs finished");
    private final Timer checkpoints =
            Meters.times("pix2pix.checkpoint.write", "Writing a checkpoint, its upload included");
    private final LongConsumer busy;
    private volatile StepLosses losses = NO_LOSSES;
    private volatile double learningRate = Double.NaN;
    private volatile Metrics validation = NOT_VALIDATED;
    private volatile boolean training;
    private volatile long savedNanos;

    TrainingMetrics(String device) {
        busy = Meters.deviceBusy(device, "training");
        loss("G_GAN", StepLosses::generatorGan);
        loss("G_L1", StepLosses::generatorL1);
        loss("D_real", StepLosses::discriminatorReal);
        loss("D_fake", StepLosses::discriminatorFake);
        measure("l1", Metrics::l1);
        measure("psnr", Metrics::psnr);
        measure("ssim", Metrics::ssim);
        Meters.gauge(
                "pix2pix.training.learning.rate",
                null,
                "The learning rate of the last step",
                this,
                metrics -> metrics.learningRate);
        Meters.gauge(
                "pix2pix.checkpoint.age",
                "seconds",
                "Time since the running training's last checkpoint, or since it began here",
                this,
                TrainingMetrics::checkpointAge);
    }

    private void loss(String name, ToDoubleFunction<StepLosses> loss) {
        Meters.gauge(
                "pix2pix.training.loss",
                null,
                "A loss of the last step",
                this,
                metrics -> loss.applyAsDouble(metrics.losses),
                "loss",
                name);
    }

    private void measure(String name, ToDoubleFunction<Metrics> measure) {
        Meters.gauge(
                "pix2pix.training.validation",
                null,
                "A measure of the last validation",
                this,
                metrics -> measure.applyAsDouble(metrics.validation),
                "measure",
                name);
    }

    private double checkpointAge() {
        return training ? (System.nanoTime() - savedNanos) / 1e9 : 0;
    }

    /** A training begins on the device. */
    void begins() {
        savedNanos = System.nanoTime();
        training = true;
    }

    /** The training is no longer on the device. */
    void ends() {
        training = false;
        losses = NO_LOSSES;
        learningRate = Double.NaN;
        validation = NOT_VALIDATED;
    }

    void waited(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    void step(StepLosses found, double rate, int pairs, long nanos) {
        losses = found;
        learningRate = rate;
        images.increment(pairs);
        steps.record(nanos, TimeUnit.NANOSECONDS);
        busy.accept(nanos);
    }

    void epoch() {
        epochs.increment();
    }

    /** A batch of the validation was generated. */
    void generated(long nanos) {
        busy.accept(nanos);
    }

    void validated(Metrics found) {
        validation = found;
    }

    /**
     * A checkpoint is written.
     *
     * @param takenNanos when its tensors were copied
     */
    void checkpoint(long takenNanos) {
        savedNanos = takenNanos;
        checkpoints.record(System.nanoTime() - takenNanos, TimeUnit.NANOSECONDS);
    }
}
