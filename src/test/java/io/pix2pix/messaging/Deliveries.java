package io.pix2pix.messaging;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Records as a queue hands them to its handler. */
final class Deliveries {
    private Deliveries() {}

    /** The first of a topic, delivered for the first time. */
    static Delivery of(String topic, String key, String json) {
        return of(topic, key, json, 1, 1);
    }

    /**
     * @param attempt as its header says
     * @param count of deliveries
     */
    static Delivery of(String topic, String key, String json, int attempt, int count) {
        RecordHeaders headers = new RecordHeaders();
        CloudEvents.put(headers, Delivery.ATTEMPT, Integer.toString(attempt));
        byte[] value = json.getBytes(StandardCharsets.UTF_8);
        return new Delivery(
                new ConsumerRecord<>(
                        topic,
                        0,
                        0,
                        0,
                        TimestampType.CREATE_TIME,
                        key.length(),
                        value.length,
                        key,
                        value,
                        headers,
                        Optional.empty(),
                        Optional.of((short) count)));
    }
}
