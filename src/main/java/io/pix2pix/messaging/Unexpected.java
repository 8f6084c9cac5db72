package io.pix2pix.messaging;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;

/** What nobody thought of: a defect of ours, or memory that ran out. */
final class Unexpected {
    private Unexpected() {}

    /** Tried again like any other failure that may pass, and told to the user when it does not. */
    static FailureException failure(Stage stage, Throwable e) {
        return new FailureException(
                Failure.retriable(
                        stage, "UNEXPECTED", "Unexpected: %s; see the worker's log".formatted(e)),
                e);
    }
}
