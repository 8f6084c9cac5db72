package io.pix2pix.testing;

import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A client that knows the topics and their JSON and nothing of our code. */
public final class KafkaUser implements AutoCloseable {
    private final String bootstrapServers;
    private final String prefix;
    private final KafkaProducer<String, String> producer;

    public KafkaUser(String bootstrapServers, String prefix) {
        this.bootstrapServers = bootstrapServers;
        this.prefix = prefix;
        this.producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
                        new StringSerializer(),
                        new StringSerializer());
    }

    /** Writes a record and waits until it is there. */
    public void write(String topic, String key, String value) {
        write(topic, key, value, Map.of());
    }

    /** Writes a record with headers and waits until it is there. */
    public void write(String topic, String key, String value, Map<String, String> headers) {
        ProducerRecord<String, String> record = new ProducerRecord<>(prefix + topic, key, value);
        headers.forEach(
                (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        try {
            producer.send(record).get();
        } catch (Exception e) {
            throw new AssertionError("Failed to write to " + topic, e);
        }
    }

    /** Writes a record over again, as it lies in its topic. */
    public void repeat(ConsumerRecord<String, byte[]> record) {
        try {
            producer.send(
                            new ProducerRecord<>(
                                    record.topic(),
                                    null,
                                    record.key(),
                                    new String(record.value(), StandardCharsets.UTF_8),
                                    record.headers()))
                    .get();
        } catch (Exception e) {
            throw new AssertionError("Failed to write to " + record.topic(), e);
        }
    }

    /** Every committed record of a topic so far. */
    public List<ConsumerRecord<String, byte[]>> read(String topic) {
        return read(List.of(topic));
    }

    private List<ConsumerRecord<String, byte[]>> read(List<String> topics) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("isolation.level", "read_committed");
        config.put("fetch.max.wait.ms", 50);
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    topics.stream()
                            .flatMap(topic -> consumer.partitionsFor(prefix + topic).stream())
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream()
                    .anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    /** The results of a job, in the order in which they were committed. */
    public List<TranslationResult> results(String jobId) {
        return read("translation-results").stream()
                .filter(r -> r.key().equals(jobId))
                .map(r -> Json.read(r.value(), TranslationResult.class))
                .toList();
    }

    /** What workers and planners told the tracker; in order, as far as it is of one job. */
    public List<TaskEvent> taskEvents() {
        return read("task-events").stream()
                .map(r -> Json.read(r.value(), TaskEvent.class))
                .toList();
    }

    /** The dead letters with this key, or all for null. */
    public List<ConsumerRecord<String, byte[]>> deadLetters(String key) {
        return read("dead-letters").stream().filter(r -> key.equals(r.key())).toList();
    }

    /** A header's text. */
    public static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** Waits until the job has ended and returns its last status. */
    public JobStatus awaitEnd(String jobId) {
        return await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> status(jobId), s -> s != null && s.state().isTerminal());
    }

    /** The last status of each job that has ended, by its jobId. */
    public Map<String, JobStatus> ends() {
        Map<String, JobStatus> ends = new HashMap<>();
        for (ConsumerRecord<String, byte[]> r : read("job-status")) {
            JobStatus status = Json.read(r.value(), JobStatus.class);
            if (status.state().isTerminal()) {
                ends.put(r.key(), status);
            }
        }
        return ends;
    }

    /** The job's latest status; null before the first. */
    public @org.jspecify.annotations.Nullable JobStatus status(String jobId) {
        JobStatus last = null;
        for (ConsumerRecord<String, byte[]> r : read("job-status")) {
            if (r.key().equals(jobId)) {
                last = Json.read(r.value(), JobStatus.class);
            }
        }
        return last;
    }

    /** Where processes of several versions write, no one version's document describes it all. */
    public void closeUnchecked() {
        producer.close();
    }

    /**
     * Fails if anything that was written to any topic is not as the AsyncAPI document says, other
     * than what users wrote.
     */
    @Override
    public void close() {
        closeUnchecked();
        Contracts contracts = new Contracts();
        List<String> topics = new ArrayList<>();
        contracts.topics().forEach(topics::add);
        List<String> wrong = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : read(topics)) {
            String topic = record.topic().substring(prefix.length());
            contracts
                    .violations(topic, record)
                    .forEach(v -> wrong.add(topic + "@" + record.offset() + ": " + v));
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError(
                    "Records that are not as asyncapi.json says:\n" + String.join("\n", wrong));
        }
    }
}
