package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.testing.LocalStackExtension;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A shard's results travel in one message, the largest that we write. */
@Timeout(120)
class MessageSizeTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final int LARGEST_SHARD = 1000;
    private static final String LONGEST_BUCKET = "b".repeat(63);
    private static final int LONGEST_KEY = 1024;

    /** A thousand images that failed, with the longest keys and the longest messages. */
    private static TaskEvent.TaskCompleted failed(String letter) {
        String uri = "s3://" + LONGEST_BUCKET + "/" + letter.repeat(LONGEST_KEY);
        Failure failure = Failure.permanent(Stage.DECODE, "CORRUPT", uri + letter.repeat(50_000));
        return completed(uri, null, Outcome.FAILED, failure);
    }

    private static TaskEvent.TaskCompleted completed(
            String input, String output, Outcome outcome, Failure failure) {
        List<TranslationResult> results = new ArrayList<>();
        for (int i = 0; i < LARGEST_SHARD; i++) {
            results.add(
                    new TranslationResult(
                            "j".repeat(128),
                            99_999,
                            i,
                            outcome,
                            input,
                            "e".repeat(34),
                            output,
                            16384,
                            16384,
                            1L << 32,
                            failure,
                            5,
                            "w".repeat(64),
                            Instant.parse("2026-01-02T03:04:05.678901234Z")));
        }
        return new TaskEvent.TaskCompleted(
                "j".repeat(128), 99_999, 5, "w".repeat(64), 1L << 40, results);
    }

    @Test
    void theLargestShardFitsOneMessage() throws InterruptedException {
        Clients clients = clients();
        String uri = "s3://" + LONGEST_BUCKET + "/" + "k".repeat(LONGEST_KEY);
        List<TaskEvent> events = List.of(failed("x"), completed(uri, uri, Outcome.SUCCEEDED, null));
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "test")) {
            events.forEach(publisher::event);
        }
        List<TaskEvent> read = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> reader = clients.reader()) {
            List<TopicPartition> partitions = List.of(partition(clients, 0), partition(clients, 1));
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            while (read.size() < events.size()) {
                reader.poll(Duration.ofSeconds(1))
                        .forEach(record -> read.add(Json.read(record.value(), TaskEvent.class)));
            }
        }
        assertThat(read).isEqualTo(events);
    }

    /** Keys of nothing but control characters take six bytes each. */
    @Test
    void whatDoesNotFitIsSaidForGood() throws InterruptedException {
        try (Publisher publisher = new Publisher(clients(), Clock.systemUTC(), "test")) {
            assertThatThrownBy(() -> publisher.event(failed("\u0001")))
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            e -> {
                                assertThat(e.failure().code()).isEqualTo("MESSAGE_TOO_LARGE");
                                assertThat(e.failure().retriable()).isFalse();
                                assertThat(e.failure().message())
                                        .contains("pix2pix.kafka.max-message-bytes");
                            });
        }
    }

    private static TopicPartition partition(Clients clients, int number) {
        return new TopicPartition(clients.name(Topic.TASK_EVENTS), number);
    }

    private static Clients clients() throws InterruptedException {
        Clients clients =
                new Clients(
                        new Messaging(
                                STACK.bootstrapServers(),
                                STACK.name("size") + ".",
                                Duration.ofSeconds(15)));
        new Topics(clients).ensure();
        return clients;
    }
}
