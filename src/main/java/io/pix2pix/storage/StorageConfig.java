package io.pix2pix.storage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How objects are reached: Amazon S3 or any server that speaks its protocol. */
@ConfigMapping(prefix = "pix2pix.storage")
public interface StorageConfig {
    /** Where the server listens, such as {@code http://127.0.0.1:9000}; absent: Amazon S3. */
    Optional<URI> endpoint();

    @WithDefault("us-east-1")
    String region();

    /**
     * Whether the bucket's name goes into the path rather than the host name; absent: yes when
     * there is an {@link #endpoint()}.
     */
    Optional<Boolean> pathStyle();

    /**
     * The access key; absent: the AWS SDK's default chain (environment, profile, web identity,
     * instance role).
     */
    Optional<String> accessKey();

    /** The secret that belongs to {@link #accessKey()}. */
    Optional<String> secretKey();

    /** What may be read and written, see {@link AllowList}. */
    @WithDefault("s3://")
    List<String> allow();

    /** How long making a connection may take. */
    @WithDefault("10s")
    Duration connectTimeout();

    /** How long an answer, or the next bytes of one, may be awaited. */
    @WithDefault("30s")
    Duration readTimeout();

    /** How long one request that writes (at most 16 MiB) may take. */
    @WithDefault("2m")
    Duration writeTimeout();

    /** Tries a request gets, with exponential backoff and jitter between them. */
    @WithDefault("5")
    int maxAttempts();

    /** Connections open at once; more requests wait. */
    @WithDefault("64")
    int maxConnections();

    /**
     * Whether uploads carry a CRC32 that the server checks. Turn it off for servers from before
     * 2025 that refuse it.
     */
    @WithDefault("true")
    boolean checksums();
}
