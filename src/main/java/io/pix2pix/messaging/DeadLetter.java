package io.pix2pix.messaging;

import io.pix2pix.failure.Failure;
import org.apache.kafka.common.header.Headers;

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

    private DeadLetter() {}

    /** Adds the reason to a dead letter's headers. */
    public static void describe(Headers headers, String origin, Failure failure) {
        CloudEvents.put(headers, ORIGIN, origin);
        CloudEvents.put(headers, STAGE, failure.stage().name());
        CloudEvents.put(headers, CODE, failure.code());
        CloudEvents.put(headers, MESSAGE, failure.message());
    }
}
