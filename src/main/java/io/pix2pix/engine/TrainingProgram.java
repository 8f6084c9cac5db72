package io.pix2pix.engine;

import io.pix2pix.image.Pixels;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import java.util.List;

/**
 * A generator and a discriminator in training on their device.
 *
 * <p>Not for use by two threads at once; each call may come from another thread.
 */
public final class TrainingProgram implements AutoCloseable {
    private TrainingProgram() {}

    /**
     * Puts a training on the device.
     *
     * @param state where it stands; only read
     * @throws IllegalArgumentException when the state does not fit the specification
     * @throws io.pix2pix.failure.FailureException stage TRAIN: device memory exhausted
     */
    public static TrainingProgram open(
            TensorEngine engine, TrainingSpec spec, TrainingState state) {
        throw new UnsupportedOperationException();
    }

    /**
     * One step of the reference: the discriminator learns from the generator's images and the true
     * ones, then the generator from the discriminator's new judgement and the L1 distance.
     *
     * <p>All that is random follows from {@code seed}, {@code epoch} and {@code step}.
     *
     * @param learningRate Adam's, for both networks
     * @return the losses, which may be no numbers: then stop
     * @throws io.pix2pix.failure.FailureException stage TRAIN: device memory exhausted
     */
    public StepLosses step(
            TrainingBatch batch, long seed, int epoch, long step, double learningRate) {
        throw new UnsupportedOperationException();
    }

    /** A copy on the host, which further steps leave as it is. */
    public TrainingState state() {
        throw new UnsupportedOperationException();
    }

    /**
     * Translates with the generator's present weights, each image by its own statistics, without
     * dropout, as a {@link Generator} would.
     *
     * @param inputs images of one width, height and bit depth
     * @return one image of 8 bits a sample for each
     */
    public List<Pixels> generate(List<Pixels> inputs) {
        throw new UnsupportedOperationException();
    }

    /** Releases device memory. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
