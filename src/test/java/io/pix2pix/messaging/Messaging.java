package io.pix2pix.messaging;

import java.time.Duration;
import java.util.Map;

/** A configuration for tests. */
public record Messaging(String bootstrapServers, String prefix, Duration lock)
        implements MessagingConfig {
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

    @Override
    public KafkaSecurity security() {
        return Security.NONE;
    }

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }
}
