package io.pix2pix.messaging;

import io.pix2pix.telemetry.Traces;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The CloudEvents attributes of a record in binary mode: the CloudEvents Kafka protocol binding
 * 1.0.
 */
public final class CloudEvents {
    private CloudEvents() {}

    /**
     * Headers for a record.
     *
     * @param type the record's type, such as {@code TranslationResult}
     * @param id equal for equal content, so that a reader can drop what it has seen
     * @param source who wrote it, such as {@code /tracker}
     */
    public static Headers headers(String type, String id, String source, Instant time) {
        Headers headers = new RecordHeaders();
        put(headers, "ce_specversion", "1.0");
        put(headers, "ce_type", "io.pix2pix." + type);
        put(headers, "ce_id", id);
        put(headers, "ce_source", source);
        put(headers, "ce_time", time.toString());
        put(headers, "content-type", "application/json");
        return headers;
    }

    /** A header's value as text; null when there is no such header. */
    public static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** Says which trace a record belongs to, if any. */
    public static void putTrace(Headers headers, @Nullable String context) {
        if (context != null) {
            put(headers, Traces.HEADER, context);
        }
    }

    /** Adds a header with a text value. */
    public static void put(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
