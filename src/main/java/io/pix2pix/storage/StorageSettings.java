package io.pix2pix.storage;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link StorageConfig} given by code rather than by configuration files. */
public record StorageSettings(
        Optional<URI> endpoint,
        String region,
        Optional<Boolean> pathStyle,
        Optional<String> accessKey,
        Optional<String> secretKey,
        List<String> allow,
        Optional<List<String>> allowRead,
        Optional<List<String>> allowWrite,
        Optional<List<String>> allowModels,
        Duration connectTimeout,
        Duration readTimeout,
        Duration writeTimeout,
        int maxAttempts,
        Duration budget,
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
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                8,
                Duration.ofMinutes(2),
                64,
                true);
    }

    /** The same, but with other allow-lists; a list that is null is as {@code allow}. */
    public StorageSettings allowing(
            List<String> allow,
            @Nullable List<String> read,
            @Nullable List<String> write,
            @Nullable List<String> models) {
        return new StorageSettings(
                endpoint,
                region,
                pathStyle,
                accessKey,
                secretKey,
                allow,
                Optional.ofNullable(read),
                Optional.ofNullable(write),
                Optional.ofNullable(models),
                connectTimeout,
                readTimeout,
                writeTimeout,
                maxAttempts,
                budget,
                maxConnections,
                checksums);
    }

    /** The same, but with other limits. */
    public StorageSettings within(
            Duration readTimeout, Duration writeTimeout, int maxAttempts, Duration budget) {
        return new StorageSettings(
                endpoint,
                region,
                pathStyle,
                accessKey,
                secretKey,
                allow,
                allowRead,
                allowWrite,
                allowModels,
                connectTimeout,
                readTimeout,
                writeTimeout,
                maxAttempts,
                budget,
                maxConnections,
                checksums);
    }

    /** The same, but with the keys that the SDK's default chain finds. */
    public StorageSettings withDefaultCredentials() {
        return new StorageSettings(
                endpoint,
                region,
                pathStyle,
                Optional.empty(),
                Optional.empty(),
                allow,
                allowRead,
                allowWrite,
                allowModels,
                connectTimeout,
                readTimeout,
                writeTimeout,
                maxAttempts,
                budget,
                maxConnections,
                checksums);
    }
}
