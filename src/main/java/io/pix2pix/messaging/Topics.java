package io.pix2pix.messaging;

import static io.pix2pix.messaging.Topic.Kind.QUEUE;
import static io.pix2pix.messaging.Topic.Kind.TABLE;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes the topics and sets up the queues' share groups; what is there already is left alone. */
public final class Topics {
    private static final long PATIENCE_S = 60;

    private final Clients clients;

    public Topics(Clients clients) {
        this.clients = clients;
    }

    /**
     * Creates what is missing. Safe to call from several processes at once.
     *
     * @throws FailureException when Kafka cannot be reached or a queue has more than one partition
     */
    public void ensure() throws InterruptedException {
        MessagingConfig config = clients.config();
        Admin admin = clients.admin();
        try {
            createTopics(admin, config);
            whenKnown(() -> checkQueues(admin));
            whenKnown(() -> configureGroups(admin, config));
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            throw new FailureException(
                    Failure.retriable(
                            Stage.TASK,
                            "KAFKA_UNAVAILABLE",
                            "Failed to set up the topics at %s: %s"
                                    .formatted(config.bootstrapServers(), cause)),
                    cause);
        } finally {
            // At once: whatever is still under way has an answer or never gets one.
            admin.close(Duration.ZERO);
        }
    }

    private void createTopics(Admin admin, MessagingConfig config)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<NewTopic> wanted = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            int partitions = topic.kind() == QUEUE ? 1 : config.partitions();
            Optional<Short> replicas =
                    config.replication() < 0 ? Optional.empty() : Optional.of(config.replication());
            Map<String, String> settings = new HashMap<>();
            settings.put(
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(config.maxMessageBytes()));
            if (topic.kind() == QUEUE && topic != Topic.S3_EVENTS) {
                // A task may wait longer than the broker's default of a week.
                settings.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
            }
            if (topic == Topic.JOB_COMMANDS) {
                // Commands are put into their order by these times: of one clock, not of each user.
                settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
            }
            if (topic.kind() == TABLE) {
                settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
            }
            wanted.add(
                    new NewTopic(clients.name(topic), Optional.of(partitions), replicas)
                            .configs(settings));
        }
        var created = admin.createTopics(wanted).values();
        for (var one : created.values()) {
            try {
                one.get(PATIENCE_S, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    /** One request to the brokers. */
    private interface Request {
        void send() throws ExecutionException, InterruptedException, TimeoutException;
    }

    /** Brokers learn of a new topic a moment after it is made. */
    private static void whenKnown(Request request)
            throws ExecutionException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (true) {
            try {
                request.send();
                return;
            } catch (ExecutionException e) {
                boolean mayPass = e.getCause() instanceof RetriableException;
                if (!mayPass || System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(200);
            }
        }
    }

    private void checkQueues(Admin admin)
            throws ExecutionException, InterruptedException, TimeoutException {
        List<String> queues = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            if (topic.kind() == QUEUE) {
                queues.add(clients.name(topic));
            }
        }
        Map<String, TopicDescription> found =
                admin.describeTopics(queues).allTopicNames().get(PATIENCE_S, TimeUnit.SECONDS);
        for (TopicDescription queue : found.values()) {
            if (queue.partitions().size() != 1) {
                throw new FailureException(
                        Failure.permanent(
                                Stage.TASK,
                                "QUEUE_PARTITIONS",
                                "Topic %s has %d partitions; a queue needs exactly one, or work that lies in one partition reaches one worker only"
                                        .formatted(queue.name(), queue.partitions().size())));
            }
        }
    }

    private void configureGroups(Admin admin, MessagingConfig config)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        for (Topic topic : Topic.values()) {
            if (topic.kind() == QUEUE) {
                changes.put(
                        new ConfigResource(ConfigResource.Type.GROUP, clients.groupOf(topic)),
                        List.of(
                                set("share.auto.offset.reset", "earliest"),
                                set("share.isolation.level", "read_committed"),
                                set(
                                        "share.record.lock.duration.ms",
                                        Long.toString(config.lock().toMillis()))));
            }
        }
        admin.incrementalAlterConfigs(changes).all().get(PATIENCE_S, TimeUnit.SECONDS);
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
