package io.pix2pix.dataset;

import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingJob.Direction;
import io.pix2pix.event.TrainingJob.Layout;

/**
 * What a pair's files are made into.
 *
 * @param side width and height of both pictures, pixels
 */
record PairForm(
        Layout layout, Direction direction, int inputChannels, int outputChannels, int side) {

    static PairForm of(TrainingJob job, int side) {
        return new PairForm(
                job.dataset().layout(),
                job.dataset().direction(),
                job.generator().inputChannels(),
                job.generator().outputChannels(),
                side);
    }

    int channelsOfA() {
        return direction == Direction.A_TO_B ? inputChannels : outputChannels;
    }

    int channelsOfB() {
        return direction == Direction.A_TO_B ? outputChannels : inputChannels;
    }
}
