package io.pix2pix.failure;

import java.util.Objects;

/**
 * Why something did not work, as data: it travels in results, events, statuses and dead letters.
 *
 * @param stage where it happened
 * @param code a stable upper-case word that programs can match, such as {@code IMAGE_TOO_LARGE}
 * @param message one sentence for the person who can act: which file, what was expected, what was
 *     found; cut at {@link #MAX_MESSAGE}
 * @param retriable whether the same attempt may succeed later with nothing changed
 */
public record Failure(Stage stage, String code, String message, boolean retriable) {
    /** Characters of a message: a thousand of them fit one record. */
    public static final int MAX_MESSAGE = 4000;

    public Failure {
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(message, "message");
        if (message.length() > MAX_MESSAGE) {
            message = message.substring(0, MAX_MESSAGE - 3) + "...";
        }
    }

    /** A failure that no retry mends: bad input or a wrong request. */
    public static Failure permanent(Stage stage, String code, String message) {
        return new Failure(stage, code, message, false);
    }

    /** A failure that may pass: throttling, a network fault, memory pressure. */
    public static Failure retriable(Stage stage, String code, String message) {
        return new Failure(stage, code, message, true);
    }
}
