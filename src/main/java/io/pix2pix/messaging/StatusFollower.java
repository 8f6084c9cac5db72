package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * Every job's latest status, kept by reading all of {@code job-status}. Read from any thread; one
 * thread of its own fills it.
 */
public final class StatusFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StatusFollower.class);

    private final List<Consumer<JobStatus>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, JobStatus> statuses = new ConcurrentHashMap<>();
    private final TopicFollower follower;

    public StatusFollower(Clients clients) {
        follower =
                new TopicFollower(
                        clients, "status-follower", List.of(Topic.JOB_STATUS), this::read);
    }

    /**
     * @param listener told of every status as it arrives, on the follower's thread
     */
    public StatusFollower(Clients clients, Consumer<JobStatus> listener) {
        this(clients);
        listeners.add(listener);
    }

    /** Starts following; returns when everything written so far is read. */
    public StatusFollower start() throws InterruptedException {
        follower.start();
        return this;
    }

    /**
     * Tells of every status that arrives from now on, on the follower's thread.
     *
     * @param listener must return soon and not throw
     */
    public void listen(Consumer<JobStatus> listener) {
        listeners.add(listener);
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
        follower.close();
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
                listeners.forEach(listener -> listener.accept(status));
            }
        } catch (IllegalArgumentException e) {
            LOG.errorf(
                    "Skipped a status that cannot be read (%s/%d/%d): %s",
                    record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }
}
