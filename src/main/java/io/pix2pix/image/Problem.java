package io.pix2pix.image;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import org.jspecify.annotations.Nullable;

/** What can be wrong with an image file. None of it passes by itself. */
enum Problem {
    EMPTY_FILE,
    NOT_AN_IMAGE,
    UNSUPPORTED_FORMAT,
    TRUNCATED,
    CORRUPT,
    IMAGE_TOO_LARGE,
    CHANNELS;

    FailureException because(String message) {
        return because(message, null);
    }

    FailureException because(String message, @Nullable Throwable cause) {
        return new FailureException(Failure.permanent(Stage.DECODE, name(), message), cause);
    }
}
