package io.pix2pix.storage;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A {@link StorageConfig} given by code rather than by configuration files. */
public record StorageSettings(
        Optional<URI> endpoint,
        String region,
        Optional<Boolean> pathStyle,
        Optional<String> accessKey,
        Optional<String> secretKey,
        List<String> allow,
        Duration connectTimeout,
        Duration readTimeout,
        Duration writeTimeout,
        int maxAttempts,
        int maxConnections,
        boolean checksums)
        implements StorageConfig {
    public StorageSettings {
        allow = List.copyOf(allow);
    }

    /** A server at an address of its own, everything else as by default. */
    public static StorageSettings at(URI endpoint, String accessKey, String secretKey) {
        return new StorageSettings(
                Optional.of(endpoint),
                "us-east-1",
                Optional.empty(),
                Optional.of(accessKey),
                Optional.of(secretKey),
                List.of("s3://"),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(2),
                5,
                64,
                true);
    }
}
