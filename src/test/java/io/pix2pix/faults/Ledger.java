package io.pix2pix.faults;

import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Writes down, outside of the system, all that the system says: as a committed reader sees it. */
final class Ledger implements AutoCloseable {
    private static final List<String> TOPICS =
            List.of("task-events", "translation-results", "job-status", "dead-letters");

    private final String bootstrapServers;
    private final String prefix;
    private final List<TranslationResult> results = new CopyOnWriteArrayList<>();
    private final List<TaskEvent> events = new CopyOnWriteArrayList<>();
    private final List<ConsumerRecord<String, byte[]>> eventRecords = new CopyOnWriteArrayList<>();
    private final List<ConsumerRecord<String, byte[]>> deadLetters = new CopyOnWriteArrayList<>();
    private final Map<String, JobStatus> statuses = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "ledger");
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /** Topics must be there. */
    Ledger(String bootstrapServers, String prefix) {
        this.bootstrapServers = bootstrapServers;
        this.prefix = prefix;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest",
                        "fetch.max.wait.ms",
                        50);
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : TOPICS) {
                consumer.partitionsFor(prefix + topic)
                        .forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closed) {
                consumer.poll(Duration.ofMillis(200)).forEach(this::note);
            }
        } catch (WakeupException e) {
            closed = true;
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void note(ConsumerRecord<String, byte[]> record) {
        switch (record.topic().substring(prefix.length())) {
            case "task-events" -> {
                events.add(Json.read(record.value(), TaskEvent.class));
                eventRecords.add(record);
            }
            case "translation-results" ->
                    results.add(Json.read(record.value(), TranslationResult.class));
            case "job-status" -> {
                if (record.value() != null) {
                    statuses.put(record.key(), Json.read(record.value(), JobStatus.class));
                }
            }
            default -> deadLetters.add(record);
        }
    }

    /** Every committed result of the job, repeated ones too. */
    List<TranslationResult> results(String jobId) {
        check();
        return results.stream().filter(r -> r.jobId().equals(jobId)).toList();
    }

    /** What was told about the job, in its order. */
    List<TaskEvent> events(String jobId) {
        check();
        return events.stream().filter(e -> e.jobId().equals(jobId)).toList();
    }

    /** The same as they lie in the topic. */
    List<ConsumerRecord<String, byte[]>> eventRecords() {
        return eventRecords;
    }

    List<ConsumerRecord<String, byte[]>> deadLetters() {
        check();
        return deadLetters;
    }

    @Nullable JobStatus status(String jobId) {
        check();
        return statuses.get(jobId);
    }

    /** Images of the job with a committed result. */
    long done(String jobId) {
        JobStatus status = status(jobId);
        return status == null ? 0 : status.images().done();
    }

    JobStatus awaitEnd(String jobId, Duration patience) {
        return await().atMost(patience)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> status(jobId), s -> s != null && s.state().isTerminal());
    }

    private void check() {
        if (failure != null) {
            throw new AssertionError("The ledger broke", failure);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
