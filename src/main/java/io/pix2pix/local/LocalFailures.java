package io.pix2pix.local;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import org.jspecify.annotations.Nullable;

/** What goes wrong with the local servers; none of it belongs to a job's stages. */
final class LocalFailures {
    private LocalFailures() {}

    static FailureException of(String code, String message, @Nullable Throwable cause) {
        return new FailureException(Failure.permanent(Stage.TASK, code, message), cause);
    }

    static FailureException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new FailureException(
                Failure.retriable(Stage.TASK, "INTERRUPTED", "Interrupted " + what), e);
    }

    /** A file, a process or a socket that the system refused. */
    static FailureException io(String what, Exception e) {
        return of("LOCAL_IO", "Failed to " + what + ": " + e, e);
    }
}
