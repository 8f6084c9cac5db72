package io.pix2pix.messaging;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads every committed record of some topics, from the first one on and as they come, on a thread
 * of its own. After a failure of Kafka it begins anew, so records may come again.
 */
final class TopicFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Clients clients;
    private final List<Topic> topics;
    private final Consumer<ConsumerRecord<String, byte[]>> reader;
    private final CountDownLatch restored = new CountDownLatch(1);
    private final Thread thread;
    private final Pause failures = new Pause();
    private volatile boolean closed;
    private volatile @Nullable KafkaConsumer<String, byte[]> consumer;

    /**
     * @param reader given each record on the follower's thread; must not throw
     */
    TopicFollower(
            Clients clients,
            String name,
            List<Topic> topics,
            Consumer<ConsumerRecord<String, byte[]>> reader) {
        this.clients = clients;
        this.topics = topics;
        this.reader = reader;
        this.thread = new Thread(this::run, name);
    }

    /** Starts following; returns when everything written so far is read. */
    void start() throws InterruptedException {
        thread.setDaemon(true);
        thread.start();
        restored.await();
    }

    @Override
    public void close() {
        closed = true;
        KafkaConsumer<String, byte[]> c = consumer;
        if (c != null) {
            c.wakeup();
        }
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!closed) {
            try (KafkaConsumer<String, byte[]> c = clients.reader()) {
                consumer = c;
                follow(c);
            } catch (WakeupException e) {
                LOG.debug("Closing");
            } catch (RuntimeException e) {
                Duration wait = failures.next();
                LOG.warnf(
                        e,
                        "Following %s failed, starting again in %s%s",
                        topics,
                        wait,
                        MissingAcl.hint(e, "Read"));
                LockSupport.parkNanos(wait.toNanos());
            }
        }
        restored.countDown();
    }

    private void follow(KafkaConsumer<String, byte[]> c) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (Topic topic : topics) {
            for (PartitionInfo p : c.partitionsFor(clients.name(topic))) {
                partitions.add(new TopicPartition(p.topic(), p.partition()));
            }
        }
        if (partitions.isEmpty()) {
            // No worker has made the topics yet, so nothing is written; ask again soon.
            restored.countDown();
            LockSupport.parkNanos(POLL.toNanos());
            return;
        }
        c.assign(partitions);
        c.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = c.endOffsets(partitions);
        while (!closed) {
            for (ConsumerRecord<String, byte[]> r : c.poll(POLL)) {
                reader.accept(r);
            }
            if (restored.getCount() > 0
                    && ends.entrySet().stream()
                            .allMatch(e -> c.position(e.getKey()) >= e.getValue())) {
                restored.countDown();
            }
        }
    }
}
