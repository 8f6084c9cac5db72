package io.pix2pix.worker;

import io.pix2pix.api.ApiConfig;
import io.pix2pix.dataset.DatasetConfig;
import io.pix2pix.failure.FailureException;
import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.messaging.TaskConfig;
import io.pix2pix.storage.StorageConfig;
import io.pix2pix.tracking.TrackingConfig;
import io.pix2pix.training.TrainingConfig;
import io.pix2pix.translation.TranslationConfig;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import java.util.stream.IntStream;

/** The configuration where the application itself is not started: same names, same sources. */
public final class Settings {
    private static final int ABOVE_EVERYTHING = 1000;

    private final SmallRyeConfig config;

    /**
     * As set in the environment, files and system properties.
     *
     * @throws FailureException when a property is unknown or its value not allowed, naming all such
     */
    public Settings() {
        this(Map.of());
    }

    /**
     * @param overrides come before everything else
     * @throws FailureException when a property is unknown or its value not allowed, naming all such
     */
    public Settings(Map<String, String> overrides) {
        ConfigurationCheck.require(
                ConfigurationCheck.problems(builder(overrides).build(), System.getenv().keySet()));
        SmallRyeConfigBuilder builder = builder(overrides).withValidateUnknown(false);
        KnownProperties.MAPPINGS.forEach(builder::withMapping);
        config = mapped(builder);
        ConfigurationCheck.require(
                Limits.problems(configuration(), config.getConfigMapping(ApiConfig.class)));
    }

    /** What is wrong with values that depend on others shows here at the latest. */
    private static SmallRyeConfig mapped(SmallRyeConfigBuilder builder) {
        try {
            return builder.build();
        } catch (ConfigValidationException e) {
            ConfigurationCheck.require(
                    IntStream.range(0, e.getProblemCount())
                            .mapToObj(i -> e.getProblem(i).getMessage())
                            .map(message -> message.replaceFirst("^SRCFG\\d+: ", ""))
                            .toList());
            throw e;
        }
    }

    private static SmallRyeConfigBuilder builder(Map<String, String> overrides) {
        return ConfigUtils.configBuilder()
                .withSources(new PropertiesConfigSource(overrides, "overrides", ABOVE_EVERYTHING));
    }

    public MessagingConfig messaging() {
        return config.getConfigMapping(MessagingConfig.class);
    }

    public StorageConfig storage() {
        return config.getConfigMapping(StorageConfig.class);
    }

    /** A worker with these settings, not yet started. */
    public Worker worker() {
        return new Worker(configuration());
    }

    private Configuration configuration() {
        return new Configuration(
                config.getConfigMapping(WorkerConfig.class),
                config.getConfigMapping(HealthConfig.class),
                config.getConfigMapping(TracingConfig.class),
                messaging(),
                storage(),
                config.getConfigMapping(TrackingConfig.class),
                config.getConfigMapping(TaskConfig.class),
                config.getConfigMapping(TranslationConfig.class),
                config.getConfigMapping(DatasetConfig.class),
                config.getConfigMapping(TrainingConfig.class));
    }
}
