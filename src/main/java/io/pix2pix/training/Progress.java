package io.pix2pix.training;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.TrainingEvent.Metrics;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a training stands, beside its tensors.
 *
 * @param epoch finished epochs
 * @param step steps since the beginning
 * @param unfinished the epoch that was begun and is not finished; null between two epochs
 * @param best the best validation so far; null before the first
 * @param validationsSinceBest validations that were not better, for early stopping
 * @param dataset what it is trained on
 */
public record Progress(
        int epoch,
        long step,
        @Nullable EpochProgress unfinished,
        @Nullable Best best,
        int validationsSinceBest,
        DatasetSummary dataset) {

    /**
     * @param epoch finished epochs when it was measured
     * @param checkpoint prefix of the checkpoint at that point
     */
    public record Best(int epoch, Metrics metrics, String checkpoint) {
        public Best {
            Objects.requireNonNull(metrics, "metrics");
            Objects.requireNonNull(checkpoint, "checkpoint");
        }
    }

    public Progress {
        Objects.requireNonNull(dataset, "dataset");
        boolean begun = unfinished != null && unfinished.steps() > 0;
        if (epoch < 0 || step < epoch || validationsSinceBest < 0 || (begun && step <= epoch)) {
            throw new IllegalArgumentException(
                    "No such position: %d epochs, %d steps".formatted(epoch, step));
        }
    }

    /** Before the first step. */
    public static Progress beginning(DatasetSummary dataset) {
        return new Progress(0, 0, null, null, 0, dataset);
    }

    /** Steps of the unfinished epoch; 0 between two epochs. */
    public int stepsInEpoch() {
        return unfinished == null ? 0 : unfinished.steps();
    }
}
