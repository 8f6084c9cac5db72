package io.pix2pix.messaging;

import static io.pix2pix.messaging.Topic.Kind.QUEUE;
import static io.pix2pix.messaging.Topic.Kind.TABLE;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
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
                            "Failed to set up the topics at %s: %s%s"
                                    .formatted(
                                            config.bootstrapServers(),
                                            cause,
                                            MissingAcl.hint(cause, "Describe"))),
                    cause);
        } finally {
            // At once: whatever is still under way has an answer or never gets one.
            admin.close(Duration.ZERO);
        }
    }

    /** Asks for what is there first: a user that may not create topics need not. */
    private void createTopics(Admin admin, MessagingConfig config)
            throws ExecutionException, InterruptedException, TimeoutException {
        Set<String> present = admin.listTopics().names().get(PATIENCE_S, TimeUnit.SECONDS);
        List<NewTopic> missing =
                Arrays.stream(Topic.values())
                        .filter(topic -> !present.contains(clients.name(topic)))
                        .map(topic -> describe(topic, config))
                        .toList();
        for (var one : admin.createTopics(missing).values().entrySet()) {
            try {
                one.getValue().get(PATIENCE_S, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TopicAuthorizationException) {
                    throw denied(
                            "Topic %s is missing and this client's user may not create it, or is there and the user may not Describe it"
                                    .formatted(one.getKey()),
                            e.getCause());
                } else if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    /** A topic as it is made where it is missing. */
    public static NewTopic describe(Topic topic, MessagingConfig config) {
        int partitions = topic.kind() == QUEUE ? 1 : config.partitions();
        Optional<Short> replicas =
                config.replication() < 0 ? Optional.empty() : Optional.of(config.replication());
        Map<String, String> settings = new HashMap<>();
        settings.put(
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(config.maxMessageBytes()));
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
        return new NewTopic(topic.named(config.prefix()), Optional.of(partitions), replicas)
                .configs(settings);
    }

    private FailureException denied(String what, Throwable cause) {
        return new FailureException(
                Failure.retriable(
                        Stage.TASK,
                        "KAFKA_DENIED",
                        "%s, at %s: %s"
                                .formatted(what, clients.config().bootstrapServers(), cause)),
                cause);
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

    /** Changes only what differs: one process may be allowed to, and the others to look. */
    private void configureGroups(Admin admin, MessagingConfig config)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, String> wanted =
                Map.of(
                        "share.auto.offset.reset", "earliest",
                        "share.isolation.level", "read_committed",
                        "share.record.lock.duration.ms", Long.toString(config.lock().toMillis()));
        List<ConfigResource> groups =
                Arrays.stream(Topic.values())
                        .filter(topic -> topic.kind() == QUEUE)
                        .map(clients::groupOf)
                        .map(group -> new ConfigResource(ConfigResource.Type.GROUP, group))
                        .toList();
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        for (var found : describe(admin, groups).entrySet()) {
            List<AlterConfigOp> differing =
                    wanted.entrySet().stream()
                            .filter(each -> !isSet(found.getValue(), each))
                            .map(each -> set(each.getKey(), each.getValue()))
                            .toList();
            if (!differing.isEmpty()) {
                changes.put(found.getKey(), differing);
            }
        }
        for (var change : admin.incrementalAlterConfigs(changes).values().entrySet()) {
            allowed(change.getValue(), "AlterConfigs", change.getKey());
        }
    }

    private Map<ConfigResource, Config> describe(Admin admin, List<ConfigResource> groups)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<ConfigResource, Config> found = new HashMap<>();
        for (var group : admin.describeConfigs(groups).values().entrySet()) {
            found.put(group.getKey(), allowed(group.getValue(), "DescribeConfigs", group.getKey()));
        }
        return found;
    }

    /** Waits for the answer; a refusal says what is to be granted. */
    private <T> T allowed(KafkaFuture<T> answer, String operation, ConfigResource group)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            return answer.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                throw denied(
                        "This client's user needs the ACL %s on group %s"
                                .formatted(operation, group.name()),
                        e.getCause());
            }
            throw e;
        }
    }

    private static boolean isSet(Config found, Map.Entry<String, String> wanted) {
        ConfigEntry entry = found.get(wanted.getKey());
        return entry != null && wanted.getValue().equals(entry.value());
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
