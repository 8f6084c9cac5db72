package io.pix2pix.messaging;

import java.time.Duration;
import java.util.Map;

/** A configuration for tests. */
public record Messaging(
        String bootstrapServers,
        String prefix,
        Duration lock,
        KafkaSecurity security,
        Map<String, String> properties)
        implements MessagingConfig {
    public Messaging(String bootstrapServers, String prefix, Duration lock) {
        this(bootstrapServers, prefix, lock, Security.NONE, Map.of());
    }

    /** The same, but with other security and further properties of the clients. */
    Messaging with(KafkaSecurity security, Map<String, String> properties) {
        return new Messaging(bootstrapServers, prefix, lock, security, properties);
    }

    @Override
    public int partitions() {
        return 2;
    }

    @Override
    public short replication() {
        return 1;
    }

    @Override
    public int maxMessageBytes() {
        return 8 << 20;
    }
}
