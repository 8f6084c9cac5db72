package io.pix2pix.training;

import io.pix2pix.engine.StepLosses;
import io.pix2pix.event.TrainingEvent.Losses;
import org.jspecify.annotations.Nullable;

/** The losses and times of the epoch in training, added up. For one thread. */
final class EpochSums {
    private double discriminatorReal;
    private double discriminatorFake;
    private double generatorGan;
    private double generatorL1;
    private int steps;
    private long deviceNanos;
    private long wallNanos;

    /** Goes on from what a checkpoint holds. */
    EpochSums(@Nullable EpochProgress before) {
        if (before != null) {
            discriminatorReal = before.discriminatorReal();
            discriminatorFake = before.discriminatorFake();
            generatorGan = before.generatorGan();
            generatorL1 = before.generatorL1();
            steps = before.steps();
            deviceNanos = before.deviceNanos();
            wallNanos = before.wallNanos();
        }
    }

    /**
     * @param device time in the step, ns
     * @param wall time since the step before, ns
     */
    void add(StepLosses losses, long device, long wall) {
        discriminatorReal += losses.discriminatorReal();
        discriminatorFake += losses.discriminatorFake();
        generatorGan += losses.generatorGan();
        generatorL1 += losses.generatorL1();
        steps++;
        deviceNanos += device;
        wallNanos += wall;
    }

    int steps() {
        return steps;
    }

    Losses means() {
        return new Losses(
                discriminatorReal / steps,
                discriminatorFake / steps,
                generatorGan / steps,
                generatorL1 / steps);
    }

    double imagesPerSecond(int images) {
        return images * 1e9 / Math.max(1, wallNanos);
    }

    /** The share of the time in which the device computed, 0 to 1. */
    double deviceShare() {
        return Math.min(1, (double) deviceNanos / Math.max(1, wallNanos));
    }

    /** For a checkpoint within the epoch; null before its first step. */
    @Nullable EpochProgress progress() {
        return steps == 0
                ? null
                : new EpochProgress(
                        discriminatorReal,
                        discriminatorFake,
                        generatorGan,
                        generatorL1,
                        steps,
                        deviceNanos,
                        wallNanos);
    }
}
