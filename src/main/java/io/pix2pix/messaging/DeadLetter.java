package io.pix2pix.messaging;

import io.pix2pix.failure.Failure;
import java.util.Arrays;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** What a record in {@code dead-letters} says about itself in its headers. */
public final class DeadLetter {
    /** {@code topic/partition/offset} the record came from, or the task it was. */
    public static final String ORIGIN = "pix2pix_origin";

    /** The failure's stage. */
    public static final String STAGE = "pix2pix_stage";

    /** The failure's code. */
    public static final String CODE = "pix2pix_code";

    /** The failure's message. */
    public static final String MESSAGE = "pix2pix_message";

    /** How many bytes the record had, where only the first of them are kept. */
    public static final String BYTES = "pix2pix_bytes";

    private static final int MAX_VALUE = 1 << 20;
    private static final int MAX_MESSAGE = 8 << 10;

    private DeadLetter() {}

    /**
     * The value to put away: as it was, or the first megabyte of it, so that what was too large is
     * not too large to be put away.
     */
    public static byte @Nullable [] value(Headers headers, byte @Nullable [] value) {
        if (value == null || value.length <= MAX_VALUE) {
            return value;
        }
        CloudEvents.put(headers, BYTES, Integer.toString(value.length));
        return Arrays.copyOf(value, MAX_VALUE);
    }

    /** Adds the reason to a dead letter's headers. */
    public static void describe(Headers headers, String origin, Failure failure) {
        CloudEvents.put(headers, ORIGIN, origin);
        CloudEvents.put(headers, STAGE, failure.stage().name());
        CloudEvents.put(headers, CODE, failure.code());
        String message = failure.message();
        CloudEvents.put(
                headers, MESSAGE, message.substring(0, Math.min(message.length(), MAX_MESSAGE)));
    }

    /** Counts one that is written. */
    public static void count(Failure failure) {
        TaskMetrics.deadLetter(failure.code());
    }
}
