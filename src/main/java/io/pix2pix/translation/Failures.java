package io.pix2pix.translation;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;

/** Failures of this package. */
final class Failures {
    private Failures() {}

    static FailureException permanent(Stage stage, String code, String message) {
        return new FailureException(Failure.permanent(stage, code, message));
    }

    static FailureException retriable(Stage stage, String code, String message) {
        return new FailureException(Failure.retriable(stage, code, message));
    }

    /** The same failure, seen at this stage: storage does not know what its caller is about. */
    static FailureException at(Stage stage, FailureException e) {
        return at(stage, e, "");
    }

    /**
     * The same failure, seen at this stage.
     *
     * @param prefix what its message lacks, such as the field of the job that named the object
     */
    static FailureException at(Stage stage, FailureException e, String prefix) {
        Failure f = e.failure();
        return new FailureException(
                new Failure(stage, f.code(), prefix + f.message(), f.retriable()), e);
    }
}
