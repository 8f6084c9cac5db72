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

    /**
     * URI prefixes that jobs may read, write and take models from, where the three below are
     * absent; see {@link AllowLists}.
     */
    @WithDefault("s3://")
    List<String> allow();

    /** Where jobs' inputs and datasets may lie; absent: {@link #allow()}. */
    Optional<List<String>> allowRead();

    /** Where jobs' outputs may lie; absent: {@link #allow()}. */
    Optional<List<String>> allowWrite();

    /**
     * Where the model files that jobs name ({@code model.uri}, {@code initFrom}, {@code
     * resumeFrom}) may lie: they are programs. Absent: {@link #allow()}.
     */
    Optional<List<String>> allowModels();

    /** How long making a connection may take. */
    @WithDefault("10s")
    Duration connectTimeout();

    /** How long an answer, or the next bytes of one, may be awaited. */
    @WithDefault("30s")
    Duration readTimeout();

    /** How long one try of a request that writes (at most 16 MiB) may take. */
    @WithDefault("1m")
    Duration writeTimeout();

    /**
     * Tries that a request gets when the storage throttles, fails or breaks off, with exponential
     * backoff and jitter between them (up to 20 s).
     */
    @WithDefault("8")
    int maxAttempts();

    /**
     * How long a request may take in all, its tries and the pauses between them; where whole files
     * travel, a second more for each MiB. What is not done then has failed for now, and the task
     * that needed it is tried again later.
     */
    @WithDefault("2m")
    Duration budget();

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
