package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the properties mean as they are written. */
class StorageConfigTest {
    private static final S3Uri PUBLIC = S3Uri.parse("s3://photos/public/a");
    private static final S3Uri RESULT = S3Uri.parse("s3://results/a");
    private static final S3Uri MODEL = S3Uri.parse("s3://models/a.pt");

    @Test
    void permitsEverythingAndHasTheDefaultsOfTheSettingsInCode() {
        StorageConfig config = config(Map.of());
        StorageSettings settings =
                StorageSettings.at(java.net.URI.create("http://127.0.0.1:1"), "a", "b");

        AllowLists allow = new AllowLists(config);
        for (S3Uri uri : new S3Uri[] {PUBLIC, RESULT, MODEL}) {
            assertThatCode(
                            () -> {
                                allow.requireInput(Stage.PLAN, "", uri);
                                allow.requireOutput(Stage.PLAN, "", uri);
                                allow.requireModel(Stage.PLAN, "", uri);
                            })
                    .doesNotThrowAnyException();
        }
        assertThat(config.budget()).isEqualTo(settings.budget()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.writeTimeout()).isEqualTo(settings.writeTimeout());
        assertThat(config.readTimeout()).isEqualTo(settings.readTimeout());
        assertThat(config.connectTimeout()).isEqualTo(settings.connectTimeout());
        assertThat(config.maxAttempts()).isEqualTo(settings.maxAttempts());
        assertThat(config.maxConnections()).isEqualTo(settings.maxConnections());
        assertThat(config.allow()).isEqualTo(settings.allow());
        assertThat(config.checksums()).isEqualTo(settings.checksums());
        assertThat(config.region()).isEqualTo(settings.region());
    }

    @Test
    void takesTheShortFormForWhatIsNotSaid() {
        AllowLists allow =
                new AllowLists(
                        config(
                                Map.of(
                                        "pix2pix.storage.allow",
                                                "s3://photos/public/,s3://results/",
                                        "pix2pix.storage.allow-models", "s3://models/")));

        allow.requireInput(Stage.PLAN, "", PUBLIC);
        allow.requireOutput(Stage.PLAN, "", RESULT);
        allow.requireModel(Stage.MODEL, "", MODEL);
        assertThatThrownBy(() -> allow.requireInput(Stage.PLAN, "", MODEL))
                .hasMessage(
                        "s3://models/a.pt is outside of what pix2pix.storage.allow permits:"
                                + " [s3://photos/public/, s3://results/]");
        assertThatThrownBy(() -> allow.requireModel(Stage.MODEL, "", RESULT))
                .isInstanceOf(FailureException.class)
                .hasMessage(
                        "s3://results/a is outside of what pix2pix.storage.allow-models permits:"
                                + " [s3://models/]");
    }

    @Test
    void tellsReadingFromWriting() {
        AllowLists allow =
                new AllowLists(
                        config(
                                Map.of(
                                        "pix2pix.storage.allow-read", "s3://photos/",
                                        "pix2pix.storage.allow-write", "s3://results/")));

        allow.requireInput(Stage.PLAN, "", PUBLIC);
        allow.requireOutput(Stage.PLAN, "", RESULT);
        assertThatThrownBy(() -> allow.requireInput(Stage.PLAN, "", RESULT))
                .hasMessageContaining("pix2pix.storage.allow-read permits: [s3://photos/]");
        assertThatThrownBy(() -> allow.requireOutput(Stage.PLAN, "", PUBLIC))
                .hasMessageContaining("pix2pix.storage.allow-write permits: [s3://results/]");
    }

    private static StorageConfig config(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .withMapping(StorageConfig.class)
                .build()
                .getConfigMapping(StorageConfig.class);
    }
}
