package io.pix2pix.training;

/**
 * What an unfinished epoch has summed up, so that one which moves between workers ends with the
 * means of all its steps.
 *
 * @param discriminatorReal sum of the steps' losses, as the three after it
 * @param steps taken in this epoch
 * @param deviceNanos in which the device computed
 * @param wallNanos in which the epoch was worked on
 */
public record EpochProgress(
        double discriminatorReal,
        double discriminatorFake,
        double generatorGan,
        double generatorL1,
        int steps,
        long deviceNanos,
        long wallNanos) {
    public EpochProgress {
        if (steps < 0 || deviceNanos < 0 || wallNanos < 0) {
            throw new IllegalArgumentException("steps and times must not be negative");
        }
    }
}
