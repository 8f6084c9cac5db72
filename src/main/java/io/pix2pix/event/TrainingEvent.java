package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What users read in {@code training-events}; the same records tell the tracker. */
public sealed interface TrainingEvent extends TaskEvent {

    /** Means over an epoch's steps. {@code generatorL1} includes the factor lambda. */
    record Losses(
            double discriminatorReal,
            double discriminatorFake,
            double generatorGan,
            double generatorL1) {}

    /**
     * Means over the validation pairs, on the pictures as they would be written (8 bits).
     *
     * @param l1 mean absolute difference on the scale [-1, 1]
     * @param psnr peak signal-to-noise ratio, dB
     * @param ssim structural similarity, Wang et al. 2004
     * @param samples URI of the sample sheet (input, generated, target); null when none was asked
     *     for
     */
    record Metrics(double l1, double psnr, double ssim, @Nullable String samples) {}

    /**
     * @param epoch the one that ended, from 1
     * @param step steps since the beginning
     * @param learningRate in this epoch
     * @param imagesPerSecond over the epoch, validation not counted
     * @param deviceShare of the epoch's time in which the device computed, 0 to 1
     * @param validation null when this epoch was not measured
     */
    record EpochCompleted(
            String jobId,
            int epoch,
            int epochs,
            long step,
            Losses losses,
            double learningRate,
            double imagesPerSecond,
            double deviceShare,
            @Nullable Metrics validation,
            String worker,
            Instant at)
            implements TrainingEvent {
        public EpochCompleted {
            Checks.jobId(jobId);
            require(losses != null, "losses is missing");
        }
    }

    /**
     * @param uri the checkpoint's prefix
     * @param epoch epochs finished
     * @param step steps since the beginning
     * @param best whether validation was never better
     */
    record CheckpointPublished(
            String jobId, String uri, int epoch, long step, boolean best, String worker, Instant at)
            implements TrainingEvent {
        public CheckpointPublished {
            Checks.jobId(jobId);
            require(uri != null, "uri is missing");
        }
    }

    /**
     * The job is done.
     *
     * @param generator URI of the final {@code generator.pt}
     * @param checkpoint prefix of the last checkpoint
     * @param bestCheckpoint prefix of the one with the best validation; null without validation
     * @param stoppedEarly whether early stopping ended it
     */
    record TrainingCompleted(
            String jobId,
            String generator,
            String checkpoint,
            @Nullable String bestCheckpoint,
            int epochs,
            long steps,
            boolean stoppedEarly,
            @Nullable Metrics validation,
            String worker,
            Instant at)
            implements TrainingEvent {
        public TrainingCompleted {
            Checks.jobId(jobId);
            require(generator != null && checkpoint != null, "generator and checkpoint are needed");
        }
    }
}
