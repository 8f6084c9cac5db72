package io.pix2pix.training;

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

    /** A job that cannot be done as it is written. */
    static FailureException invalidJob(String message) {
        return permanent(Stage.SUBMIT, "INVALID_JOB", message);
    }

    /**
     * The same failure.
     *
     * @param prefix what its message lacks, such as the field of the job that named the object
     */
    static FailureException prefixed(String prefix, FailureException e) {
        Failure f = e.failure();
        return new FailureException(
                new Failure(f.stage(), f.code(), prefix + f.message(), f.retriable()), e);
    }

    /**
     * The same failure, naming the object rather than its local copy, which its user cannot see.
     */
    static FailureException named(Object local, Object stored, FailureException e) {
        Failure f = e.failure();
        String message = f.message().replace(local.toString(), stored.toString());
        return new FailureException(new Failure(f.stage(), f.code(), message, f.retriable()), e);
    }
}
