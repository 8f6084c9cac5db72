package io.pix2pix.messaging;

import java.util.Locale;

/** How an attempt at a queue's record ended, as the metrics tell. */
enum TaskOutcome {
    COMPLETED,
    /** Handed back, which counts no attempt. */
    RETURNED,
    /** Will be tried again. */
    FAILED,
    /** Its job ends by it. */
    REJECTED,
    /** Given up at the last attempt. */
    EXHAUSTED,
    /** Nobody wants it any more, or it could not be read. */
    DROPPED,
    /** The broker gave it to another worker. */
    LOST,
    /** By an error that the handler did not expect; the broker hands the record out again. */
    CRASHED;

    boolean isFailure() {
        return switch (this) {
            case COMPLETED, RETURNED, DROPPED -> false;
            case FAILED, REJECTED, EXHAUSTED, LOST, CRASHED -> true;
        };
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
