package io.pix2pix.messaging;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** How to reach Kafka and how its topics are laid out. */
@ConfigMapping(prefix = "pix2pix.kafka")
public interface MessagingConfig {
    /** Brokers to start from, {@code host:port} separated by commas. */
    @WithDefault("127.0.0.1:9092")
    String bootstrapServers();

    /** Put before every topic's, group's and transaction's name. */
    @WithDefault("pix2pix.")
    String prefix();

    /** Partitions of the logs (queues have one); only looked at when a topic is created. */
    @WithDefault("4")
    int partitions();

    /** Replicas of each topic; -1 is the broker's default. */
    @WithDefault("-1")
    short replication();

    /** Bytes that one message may have, a mebibyte or more: a shard's results travel in one. */
    @WithDefault("8388608")
    int maxMessageBytes();

    /**
     * How long the broker waits for a silent worker's task before another gets it. Renewed at a
     * third of this while the work runs.
     */
    @WithDefault("30s")
    Duration lock();

    /** Who this process is to the brokers and how it knows them. */
    KafkaSecurity security();

    /** Any other property of Kafka's clients: timeouts, what other ways to log in need. */
    Map<String, String> properties();
}
