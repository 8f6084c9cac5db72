package io.pix2pix.dataset;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;

/** Failures of this package, all at stage DATASET. */
final class Failures {
    static final String CHANGED = "DATASET_CHANGED";

    private Failures() {}

    static FailureException permanent(String code, String message) {
        return new FailureException(Failure.permanent(Stage.DATASET, code, message));
    }

    static FailureException retriable(String code, String message) {
        return new FailureException(Failure.retriable(Stage.DATASET, code, message));
    }

    /**
     * The same failure seen as one of the dataset.
     *
     * @param prefix what its message lacks, such as the file's name
     */
    static FailureException of(FailureException e, String prefix) {
        Failure f = e.failure();
        return new FailureException(
                new Failure(Stage.DATASET, f.code(), prefix + f.message(), f.retriable()), e);
    }

    static FailureException interrupted() {
        Thread.currentThread().interrupt();
        return retriable("INTERRUPTED", "Interrupted while reading the dataset");
    }
}
