package io.pix2pix.event;

import static io.pix2pix.event.Checks.require;

/**
 * What planning found in a training job's dataset.
 *
 * @param pairs to train on
 * @param stepsPerEpoch batches an epoch; the last one may be smaller
 * @param fingerprint hex SHA-256 over the names and entity tags of all files, training and
 *     validation: equal for an unchanged dataset
 * @param validationPairs 0 without validation
 */
public record DatasetSummary(
        int pairs, int stepsPerEpoch, String fingerprint, int validationPairs) {
    public DatasetSummary {
        require(fingerprint != null, "fingerprint is missing");
        require(pairs >= 1 && stepsPerEpoch >= 1, "a dataset has pairs");
    }
}
