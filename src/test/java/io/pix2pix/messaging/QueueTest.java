package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.messaging.QueueHandler.Verdict;
import io.pix2pix.testing.LocalStackExtension;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class QueueTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    /** The shortest lock that the broker takes by default is 15 s. */
    private static final Duration LOCK = Duration.ofSeconds(15);

    private final List<Queue> queues = new ArrayList<>();
    private Clients clients = clients("none.");

    @BeforeEach
    void topics() throws InterruptedException {
        clients = clients(STACK.name("q") + ".");
        new Topics(clients).ensure();
    }

    @AfterEach
    void close() {
        queues.forEach(Queue::drain);
        queues.forEach(Queue::close);
    }

    @Test
    void everyRecordIsHandledOnceBySomeMember() {
        Map<String, Integer> seen = new ConcurrentHashMap<>();
        for (int i = 0; i < 3; i++) {
            start(
                    d -> {
                        seen.merge(d.record().key(), 1, Integer::sum);
                        return Verdict.ACCEPT;
                    });
        }
        submit(30);
        await().atMost(Duration.ofSeconds(60)).until(() -> seen.size() == 30);
        assertThat(seen.values()).containsOnly(1);
    }

    @Test
    void aSlowHandlerKeepsItsRecordBeyondTheLockAndHoldsUpNobody() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<String> done = new CopyOnWriteArrayList<>();
        Map<String, Integer> deliveries = new ConcurrentHashMap<>();
        QueueHandler handler =
                d -> {
                    deliveries.merge(d.record().key(), 1, Integer::sum);
                    if (d.record().key().equals("job-0")) {
                        release.await();
                    }
                    done.add(d.record().key());
                    return Verdict.ACCEPT;
                };
        start(handler);
        start(handler);
        submit(10);
        long started = System.nanoTime();
        await().atMost(Duration.ofSeconds(30)).until(() -> done.size() == 9);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> System.nanoTime() - started > LOCK.plusSeconds(5).toNanos());
        release.countDown();
        await().atMost(Duration.ofSeconds(10)).until(() -> done.size() == 10);
        assertThat(deliveries.values()).containsOnly(1);
    }

    @Test
    void whatIsReleasedOrThrownComesAgainAndIsCounted() {
        List<Integer> counts = new CopyOnWriteArrayList<>();
        start(
                d -> {
                    counts.add(d.count());
                    if (d.count() == 1) {
                        return Verdict.RELEASE;
                    }
                    if (d.count() == 2) {
                        throw new IllegalStateException("a bug, as far as the queue knows");
                    }
                    return Verdict.ACCEPT;
                });
        submit(1);
        await().atMost(Duration.ofSeconds(30)).until(() -> counts.size() == 3);
        assertThat(counts).containsExactly(1, 2, 3);
    }

    @Test
    void drainingWaitsForTheHandlerAndTakesNothingMore() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        List<String> done = new CopyOnWriteArrayList<>();
        Queue queue =
                start(
                        d -> {
                            begun.countDown();
                            await().atMost(Duration.ofSeconds(30)).until(d::isDraining);
                            done.add(d.record().key());
                            return Verdict.ACCEPT;
                        });
        submit(3);
        begun.await();
        queue.close();
        assertThat(queue.isClosed()).isTrue();
        assertThat(done).containsExactly("job-0");
        List<String> rest = new CopyOnWriteArrayList<>();
        start(
                d -> {
                    rest.add(d.record().key());
                    return Verdict.ACCEPT;
                });
        await().atMost(Duration.ofSeconds(30)).until(() -> rest.size() == 2);
        assertThat(rest).containsExactly("job-1", "job-2");
    }

    @Test
    void aHandlerThatWaitsForWhatDoesNotComeIsInterruptedSoonAfterItShouldHaveStopped()
            throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        List<String> said = new CopyOnWriteArrayList<>();
        Queue queue =
                start(
                        d -> {
                            d.interruptWhen(d::isDraining);
                            begun.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                said.add("interrupted");
                            }
                            return Verdict.ACCEPT;
                        });
        submit(1);
        begun.await();
        queue.close();
        assertThat(said).containsExactly("interrupted");
        assertThat(queue.isClosed()).isTrue();
    }

    /** Its topic is taken away, so that neither the lock nor the queue is what it was. */
    @Test
    void aQueueWhoseLockIsRefusedStopsTheHandlerAndGoesOnWithTheNextRecord() throws Exception {
        List<String> ended = new CopyOnWriteArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        start(
                d -> {
                    d.interruptWhen(d::isLost);
                    if (d.record().key().equals("job-0")) {
                        begun.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            ended.add("lost " + d.isLost());
                        }
                    } else {
                        ended.add(d.record().key());
                    }
                    return Verdict.ACCEPT;
                });
        submit(1);
        begun.await();
        try (Admin admin = clients.admin()) {
            admin.deleteTopics(List.of(clients.name(Topic.TRANSLATION_JOBS))).all().get();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> ended.contains("lost true"));
        new Topics(clients).ensure();
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "test")) {
            publisher.submit(job("after"));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> ended.contains("after"));
    }

    @Test
    void anAttemptIsWhatTheRecordSaysAndTheBrokerCounts() {
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        start(
                d -> {
                    attempts.add(d.attempt());
                    return d.count() == 1 ? Verdict.RELEASE : Verdict.ACCEPT;
                });
        try (KafkaProducer<String, byte[]> producer = clients.producer()) {
            var record =
                    new ProducerRecord<String, byte[]>(
                            clients.name(Topic.TRANSLATION_JOBS), "again", new byte[0]);
            CloudEvents.put(record.headers(), Delivery.ATTEMPT, "3");
            var unused = producer.send(record);
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> attempts.size() == 2);
        assertThat(attempts).containsExactly(3, 4);
    }

    @Test
    void aQueueWithSeveralPartitionsIsRefusedWithTheReason() throws Exception {
        Clients other = clients(STACK.name("p") + ".");
        try (Admin admin = other.admin()) {
            admin.createTopics(
                            List.of(
                                    new NewTopic(
                                            other.name(Topic.TRANSLATION_TASKS),
                                            Optional.of(3),
                                            Optional.empty())))
                    .all()
                    .get();
        }
        assertThatThrownBy(() -> new Topics(other).ensure())
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("has 3 partitions; a queue needs exactly one");
    }

    private Queue start(QueueHandler handler) {
        Queue queue = new Queue(clients, Topic.TRANSLATION_JOBS, "test-" + queues.size(), handler);
        queues.add(queue);
        queue.start();
        return queue;
    }

    private void submit(int jobs) {
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "test")) {
            for (int i = 0; i < jobs; i++) {
                publisher.submit(job("job-" + i));
            }
        }
    }

    private static TranslationJob job(String id) {
        String json =
                """
                {"jobId": "%s", "model": {"uri": "s3://m/g.pt"}, "input": {"uri": "s3://in/"},
                 "output": {"uri": "s3://out/"}}
                """
                        .formatted(id);
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TranslationJob.class);
    }

    private static Clients clients(String prefix) {
        return new Clients(new Messaging(STACK.bootstrapServers(), prefix, LOCK));
    }
}
