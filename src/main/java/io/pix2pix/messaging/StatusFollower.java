package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
 * Every job's latest status, kept by reading all of {@code job-status}. Read from any thread; one
 * thread of its own fills it.
 */
public final class StatusFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StatusFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Clients clients;
    private final Consumer<JobStatus> listener;
    private final Map<String, JobStatus> statuses = new ConcurrentHashMap<>();
    private final CountDownLatch restored = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "status-follower");
    private final Pause failures = new Pause();
    private volatile boolean closed;
    private volatile @Nullable KafkaConsumer<String, byte[]> consumer;

    public StatusFollower(Clients clients) {
        this(clients, status -> {});
    }

    /**
     * @param listener told of every status as it arrives, on the follower's thread
     */
    public StatusFollower(Clients clients, Consumer<JobStatus> listener) {
        this.clients = clients;
        this.listener = listener;
    }

    /** Starts following; returns when everything written so far is read. */
    public StatusFollower start() throws InterruptedException {
        thread.setDaemon(true);
        thread.start();
        restored.await();
        return this;
    }

    /** The job's latest status, or empty when it was never heard of. */
    public Optional<JobStatus> status(String jobId) {
        return Optional.ofNullable(statuses.get(jobId));
    }

    /** The latest status of every job. */
    public List<JobStatus> statuses() {
        return List.copyOf(statuses.values());
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
                LOG.warnf(e, "Following job-status failed, starting again in %s", wait);
                LockSupport.parkNanos(wait.toNanos());
            }
        }
        restored.countDown();
    }

    private void follow(KafkaConsumer<String, byte[]> c) {
        String topic = clients.name(Topic.JOB_STATUS);
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionInfo p : c.partitionsFor(topic)) {
            partitions.add(new TopicPartition(topic, p.partition()));
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
                read(r);
            }
            if (restored.getCount() > 0
                    && ends.entrySet().stream()
                            .allMatch(e -> c.position(e.getKey()) >= e.getValue())) {
                restored.countDown();
            }
        }
    }

    private void read(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            statuses.remove(record.key());
            return;
        }
        try {
            JobStatus status = Json.read(record.value(), JobStatus.class);
            JobStatus known = statuses.get(status.jobId());
            // A follower that begins again reads what is old first; nobody is to hear that twice.
            if (known == null || known.updatedAt().isBefore(status.updatedAt())) {
                statuses.put(status.jobId(), status);
                listener.accept(status);
            }
        } catch (IllegalArgumentException e) {
            LOG.errorf(
                    "Skipped a status that cannot be read (%s/%d/%d): %s",
                    record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }
}
