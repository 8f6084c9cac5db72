package io.pix2pix.worker;

import io.pix2pix.api.Access;
import io.pix2pix.api.ApiConfig;
import io.pix2pix.dataset.DatasetConfig;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.messaging.TaskConfig;
import io.pix2pix.storage.AllowLists;
import io.pix2pix.storage.StorageConfig;
import io.pix2pix.tracking.TrackingConfig;
import io.pix2pix.training.TrainingConfig;
import io.pix2pix.translation.TranslationConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What the values of properties may be, beyond their kind: the column "allowed" of the docs. */
final class Limits {
    private static final Pattern DEVICE = Pattern.compile("auto|cpu|gpu(:\\d{1,3})?|stand-in");
    private static final Pattern SERVERS =
            Pattern.compile("\\s*[^\\s,]+:\\d{1,5}\\s*(,\\s*[^\\s,]+:\\d{1,5}\\s*)*");

    /** What Kafka takes in a topic's name; the longest of ours has 20 characters. */
    private static final Pattern TOPIC_PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,200}");

    private static final int MEBIBYTE = 1 << 20;

    private final List<String> problems = new ArrayList<>();

    private Limits() {}

    /** What of it is not allowed; sentences that name the property. */
    static List<String> problems(Configuration config, ApiConfig api) {
        Limits limits = new Limits();
        limits.check(config.worker());
        limits.check(config.health());
        limits.check(config.tracing());
        limits.check(config.messaging());
        limits.check(config.storage());
        limits.check(config.tracking());
        limits.check(config.tasks());
        limits.check(config.translation());
        limits.check(config.dataset());
        limits.check(config.training());
        limits.check(api);
        return limits.problems;
    }

    private void check(WorkerConfig c) {
        if (c.roles().isEmpty()) {
            refuse("pix2pix.roles", "empty", "one or more of coordinator, translator, trainer");
        }
        if (!DEVICE.matcher(c.device()).matches()) {
            refuse("pix2pix.device", c.device(), "auto, cpu, gpu, gpu: with a number, or stand-in");
        }
        atLeast(1, "pix2pix.threads", c.threads());
        notNegative("pix2pix.stand-in.per-image", c.standIn().perImage());
        atLeast(0, "pix2pix.stand-in.fail-every", c.standIn().failEvery());
        atLeast(
                1,
                "pix2pix.stand-in.out-of-memory-above-batch",
                c.standIn().outOfMemoryAboveBatch());
        atLeast(0, "pix2pix.stand-in.break-after", c.standIn().breakAfter());
    }

    private void check(HealthConfig c) {
        positive("pix2pix.health.interval", c.interval());
        positive("pix2pix.health.patience", c.patience());
        atLeast(1, "pix2pix.health.device-probes", c.deviceProbes());
        notNegative("pix2pix.health.device-probe-pause", c.deviceProbePause());
        atLeast(1, "pix2pix.health.device-failures", c.deviceFailures());
        notNegative("pix2pix.health.grace", c.grace());
    }

    private void check(TracingConfig c) {
        c.endpoint().ifPresent(endpoint -> endpoint("pix2pix.tracing.endpoint", endpoint));
        if (!(c.share() >= 0 && c.share() <= 1)) {
            refuse("pix2pix.tracing.share", Double.toString(c.share()), "0 to 1");
        }
    }

    private void check(MessagingConfig c) {
        if (!SERVERS.matcher(c.bootstrapServers()).matches()) {
            refuse(
                    "pix2pix.kafka.bootstrap-servers",
                    c.bootstrapServers(),
                    "host:port, several separated by commas");
        }
        if (!TOPIC_PREFIX.matcher(c.prefix()).matches()) {
            refuse(
                    "pix2pix.kafka.prefix",
                    c.prefix(),
                    "at most 200 letters, digits, dots, dashes and underscores");
        }
        atLeast(1, "pix2pix.kafka.partitions", c.partitions());
        replicas("pix2pix.kafka.replication", c.replication());
        atLeast(MEBIBYTE, "pix2pix.kafka.max-message-bytes", c.maxMessageBytes());
        if (c.maxMessageBytes() >= MEBIBYTE) {
            valid(() -> new Clients(c));
        }
        if (c.lock().compareTo(Duration.ofSeconds(1)) < 0) {
            refuse("pix2pix.kafka.lock", text(c.lock()), "a second or more");
        }
    }

    private void check(StorageConfig c) {
        c.endpoint().ifPresent(endpoint -> endpoint("pix2pix.storage.endpoint", endpoint));
        if (c.region().isBlank()) {
            refuse("pix2pix.storage.region", "empty", "a region such as us-east-1");
        }
        if (c.accessKey().isPresent() != c.secretKey().isPresent()) {
            problems.add(
                    "Of pix2pix.storage.access-key and pix2pix.storage.secret-key only one is set;"
                            + " set both, or neither for the AWS SDK's default chain");
        }
        valid(() -> new AllowLists(c));
        positive("pix2pix.storage.connect-timeout", c.connectTimeout());
        positive("pix2pix.storage.read-timeout", c.readTimeout());
        positive("pix2pix.storage.write-timeout", c.writeTimeout());
        atLeast(1, "pix2pix.storage.max-attempts", c.maxAttempts());
        positive("pix2pix.storage.budget", c.budget());
        atLeast(1, "pix2pix.storage.max-connections", c.maxConnections());
    }

    private void endpoint(String property, URI endpoint) {
        String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
        boolean http = scheme.equals("http") || scheme.equals("https");
        if (!http || endpoint.getHost() == null) {
            refuse(
                    property,
                    endpoint.toString(),
                    "http:// or https:// with a host, such as http://127.0.0.1:9000");
        }
    }

    private void check(TrackingConfig c) {
        atLeast(1, "pix2pix.tracking.window", c.window());
        positive("pix2pix.tracking.lost-after", c.lostAfter());
        positive("pix2pix.tracking.retention", c.retention());
        notNegative("pix2pix.tracking.backoff", c.backoff());
        notNegative("pix2pix.tracking.follow-delay", c.followDelay());
        positive("pix2pix.tracking.seen-retention", c.seenRetention());
        replicas("pix2pix.tracking.replication", c.replication());
        atLeast(0, "pix2pix.tracking.standbys", c.standbys());
        path("pix2pix.tracking.directory", c.directory());
    }

    private void check(TaskConfig c) {
        atLeast(1, "pix2pix.task.attempts", c.attempts());
        positive("pix2pix.task.stall", c.stall());
        notNegative("pix2pix.task.drain", c.drain());
        atLeast(1, "pix2pix.task.plan-attempts", c.planAttempts());
        atLeast(0, "pix2pix.task.planners", c.planners());
    }

    private void check(TranslationConfig c) {
        atLeast(1, "pix2pix.translation.batch-size", c.batchSize());
        atLeast(1, "pix2pix.translation.images-in-flight", c.imagesInFlight());
        atLeast(1, "pix2pix.translation.bytes-in-flight", c.bytesInFlight());
        atLeast(1, "pix2pix.translation.io-threads", c.ioThreads());
        atLeast(1, "pix2pix.translation.codec-threads", c.codecThreads());
        atLeast(1, "pix2pix.translation.max-image-bytes", c.maxImageBytes());
        atLeast(1, "pix2pix.translation.max-image-pixels", c.maxImagePixels());
        atLeast(1, "pix2pix.translation.max-images-per-job", c.maxImagesPerJob());
        atLeast(0, "pix2pix.translation.model-cache.max-bytes", c.modelCache().maxBytes());
        atLeast(1, "pix2pix.translation.model-cache.loaded", c.modelCache().loaded());
    }

    private void check(DatasetConfig c) {
        atLeast(0, "pix2pix.dataset.memory-bytes", c.memoryBytes());
        atLeast(0, "pix2pix.dataset.cache-bytes", c.cacheBytes());
        atLeast(1, "pix2pix.dataset.fetch-threads", c.fetchThreads());
        atLeast(1, "pix2pix.dataset.check-threads", c.checkThreads());
        atLeast(1, "pix2pix.dataset.max-image-bytes", c.maxImageBytes());
        atLeast(1, "pix2pix.dataset.max-image-pixels", c.maxImagePixels());
    }

    private void check(TrainingConfig c) {
        positive("pix2pix.training.slice", c.slice());
        path("pix2pix.training.scratch", c.scratch());
    }

    private void check(ApiConfig c) {
        atLeast(1, "pix2pix.api.max-image-bytes", c.maxImageBytes());
        atLeast(1, "pix2pix.api.max-image-pixels", c.maxImagePixels());
        atLeast(1, "pix2pix.api.max-event-streams", c.maxEventStreams());
        positive("pix2pix.api.oidc.jwks-cache", c.oidc().jwksCache());
        valid(() -> Access.requireValid(c));
    }

    /** Of what says itself, in a sentence, what is wrong with its configuration. */
    private void valid(Runnable user) {
        try {
            user.run();
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private void atLeast(long least, String property, OptionalInt found) {
        found.ifPresent(value -> atLeast(least, property, value));
    }

    private void atLeast(long least, String property, OptionalLong found) {
        found.ifPresent(value -> atLeast(least, property, value));
    }

    private void atLeast(long least, String property, long found) {
        if (found < least) {
            refuse(property, Long.toString(found), least + " or more");
        }
    }

    private void replicas(String property, int found) {
        if (found != -1 && found < 1) {
            refuse(property, Integer.toString(found), "1 or more, or -1 for the broker's default");
        }
    }

    private void positive(String property, Duration found) {
        if (found.isNegative() || found.isZero()) {
            refuse(property, text(found), "a duration longer than nothing");
        }
    }

    private void notNegative(String property, Duration found) {
        if (found.isNegative()) {
            refuse(property, text(found), "a duration, 0s or longer");
        }
    }

    private void path(String property, String found) {
        if (found.isBlank()) {
            refuse(property, "empty", "a folder");
        }
    }

    private void refuse(String property, String found, String allowed) {
        problems.add("%s is %s, expected %s".formatted(property, found, allowed));
    }

    /** As people write it: {@code -5s}. */
    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0
                ? duration.toSeconds() + "s"
                : duration.toMillis() + "ms";
    }
}
