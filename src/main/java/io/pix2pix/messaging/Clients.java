package io.pix2pix.messaging;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/** Makes Kafka clients that agree on addresses, sizes and safety. */
public final class Clients {
    private static final Logger LOG = Logger.getLogger(Clients.class);

    /** Room for the largest job that is taken, and for what is said of it. */
    private static final int LEAST_MESSAGE_BYTES = 1 << 20;

    private final MessagingConfig config;

    public Clients(MessagingConfig config) {
        if (config.maxMessageBytes() < LEAST_MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    "pix2pix.kafka.max-message-bytes must be at least %d, found %d"
                            .formatted(LEAST_MESSAGE_BYTES, config.maxMessageBytes()));
        }
        this.config = config;
        // What is wrong with it is said now rather than by the first client.
        var unused = SecurityProperties.of(config.security());
    }

    public MessagingConfig config() {
        return config;
    }

    public String name(Topic topic) {
        return topic.named(config.prefix());
    }

    /** Whether a broker answers within five seconds. */
    public boolean isReachable() throws InterruptedException {
        try (Admin admin = admin()) {
            admin.describeCluster().clusterId().get(5, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.debug("No broker answers", e);
            return false;
        }
    }

    public Admin admin() {
        return Admin.create(common());
    }

    /** Keys are jobIds, values JSON; acknowledged by all replicas, no duplicates by retries. */
    public KafkaProducer<String, byte[]> producer() {
        Map<String, Object> c = common();
        c.put(ProducerConfig.ACKS_CONFIG, "all");
        c.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        c.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        c.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        c.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, config.maxMessageBytes());
        return new KafkaProducer<>(c, new StringSerializer(), new ByteArraySerializer());
    }

    /** A reader of committed records that belongs to no group. */
    public KafkaConsumer<String, byte[]> reader() {
        Map<String, Object> c = common();
        c.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        c.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        c.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        c.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(c, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** A member of a queue's share group that holds one record at a time (KIP-932, KIP-1206). */
    KafkaShareConsumer<String, byte[]> queueMember(Topic queue) {
        Map<String, Object> c = common();
        c.put(ConsumerConfig.GROUP_ID_CONFIG, groupOf(queue));
        c.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        c.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        c.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        c.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaShareConsumer<>(c, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** The share group of a queue; its name is the queue's. */
    String groupOf(Topic queue) {
        return name(queue);
    }

    /** What every client has: where the brokers are, security, and what was set by hand. */
    public Map<String, Object> common() {
        Map<String, Object> c = new HashMap<>(SecurityProperties.of(config.security()));
        c.putAll(config.properties());
        c.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        return c;
    }
}
