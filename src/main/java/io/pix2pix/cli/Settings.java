package io.pix2pix.cli;

import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.storage.StorageConfig;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/** The application's configuration for commands that do not start the application. */
final class Settings {
    private final SmallRyeConfig config =
            new SmallRyeConfigBuilder()
                    .addDefaultInterceptors()
                    .addDefaultSources()
                    .addDiscoveredSources()
                    .addDiscoveredConverters()
                    .withMapping(MessagingConfig.class)
                    .withMapping(StorageConfig.class)
                    .withValidateUnknown(false)
                    .build();

    MessagingConfig messaging() {
        return config.getConfigMapping(MessagingConfig.class);
    }

    StorageConfig storage() {
        return config.getConfigMapping(StorageConfig.class);
    }
}
