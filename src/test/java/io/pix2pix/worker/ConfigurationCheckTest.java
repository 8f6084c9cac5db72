package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.worker.KnownProperties.Form;
import io.pix2pix.worker.KnownProperties.Property;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationCheckTest {
    /** What other tests in this JVM are told by properties that the application does not know. */
    private static final Map<String, String> OF_TESTS = new HashMap<>();

    @BeforeAll
    static void hideTheTestsOwnProperties() {
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("pix2pix."))
                .forEach(name -> OF_TESTS.put(name, System.clearProperty(name)));
    }

    @AfterAll
    static void restoreTheTestsOwnProperties() {
        OF_TESTS.forEach(System::setProperty);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    pix2pix.roles                   | coordinator,trainr | 'trainr'       | one of coordinator, translator, trainer
                    pix2pix.task.attempts           | 0                  | is 0           | 1 or more
                    pix2pix.task.attempts           | five               | 'five'         | a whole number
                    pix2pix.task.attempts           | 3000000000         | '3000000000'   | a whole number
                    pix2pix.task.drain              | -5s                | is -5s         | a duration, 0s or longer
                    pix2pix.task.stall              | 0s                 | is 0s          | longer than nothing
                    pix2pix.task.stall              | soon               | 'soon'         | a duration such as 500ms
                    pix2pix.device                  | gpu:one            | is gpu:one     | auto, cpu, gpu
                    pix2pix.storage.endpoint        | http://a b         | 'http://a b'   | a URI such as http://127.0.0.1:9000
                    pix2pix.storage.endpoint        | 127.0.0.1:9000     | 127.0.0.1:9000 | a URI such as http://127.0.0.1:9000
                    pix2pix.storage.endpoint        | ftp://host         | ftp://host     | http:// or https://
                    pix2pix.storage.checksums       | ture               | 'ture'         | true or false
                    pix2pix.storage.allow           | s3://a/,/tmp       | /tmp           | s3://
                    pix2pix.kafka.bootstrap-servers | kafka              | is kafka       | host:port
                    pix2pix.kafka.prefix            | a/b                | is a/b         | letters, digits
                    pix2pix.kafka.replication       | 0                  | is 0           | 1 or more, or -1
                    pix2pix.kafka.replication       | 70000              | '70000'        | a whole number
                    pix2pix.tracing.share           | 2                  | is 2.0         | 0 to 1
                    pix2pix.tracing.share           | half               | 'half'         | a number
                    pix2pix.tracing.endpoint        | localhost          | is localhost   | http:// or https://
                    pix2pix.stand-in.poison         | arsenic            | 'arsenic'      | one of halt, fail
                    """)
    void aWrongValueIsToldWithItsPropertyAndWhatIsAllowed(
            String property, String value, String found, String allowed) {
        assertThatThrownBy(() -> new Settings(Map.of(property, value)))
                .isInstanceOf(FailureException.class)
                .hasMessageStartingWith(property)
                .hasMessageContaining(found)
                .hasMessageContaining(allowed)
                .hasMessageNotContaining("Exception");
    }

    /** What is found out by who uses it: in one line, too, and before anything starts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    pix2pix.kafka.security.ca       | /nowhere/ca.crt    | SSL | pix2pix.kafka.security.ca: failed to read /nowhere/ca.crt
                    pix2pix.kafka.security.username | me                 | SSL | pix2pix.kafka.security.username and password need
                    pix2pix.api.keys                | s3cret             | SSL | pix2pix.api.keys, entry 1: expected name:role:hash
                    pix2pix.api.keys-file           | /nowhere/keys      | SSL | pix2pix.api.keys-file: failed to read /nowhere/keys
                    pix2pix.api.protect-metrics     | true               | SSL | pix2pix.api.protect-metrics needs pix2pix.api.keys
                    pix2pix.api.oidc.issuer         | https://id.example | SSL | pix2pix.api.oidc.issuer, audience and jwks go together
                    """)
    void whatDoesNotFitIsToldLikeAWrongValue(
            String property, String value, String protocol, String told) {
        assertThatThrownBy(
                        () ->
                                new Settings(
                                        Map.of(
                                                property,
                                                value,
                                                "pix2pix.kafka.security.protocol",
                                                protocol)))
                .isInstanceOf(FailureException.class)
                .hasMessageStartingWith(told)
                .hasMessageNotContaining("s3cret");
    }

    static Stream<Property> numbersAndDurations() {
        return KnownProperties.all().stream()
                .filter(p -> p.form() == Form.ONE)
                .filter(
                        p ->
                                p.type() == Duration.class
                                        || p.type() == int.class
                                        || p.type() == short.class
                                        || p.type() == long.class);
    }

    @ParameterizedTest
    @MethodSource("numbersAndDurations")
    void noNumberAndNoDurationMayBeJustAnything(Property property) {
        String value = property.type() == Duration.class ? "-7s" : "-7";
        assertThatThrownBy(() -> new Settings(Map.of(property.name(), value)))
                .hasMessageStartingWith(property.name() + " is " + value + ", expected ");
    }

    @ParameterizedTest
    @CsvSource({
        "pix2pix.task.atempts, pix2pix.task.attempts",
        "pix2pix.translation.batchsize, pix2pix.translation.batch-size",
        "pix2pix.kafka.bootstrap.servers, pix2pix.kafka.bootstrap-servers",
        "pix2pix.role, pix2pix.roles"
    })
    void anUnknownNameIsToldWithTheNearestOne(String name, String nearest) {
        assertThatThrownBy(() -> new Settings(Map.of(name, "5")))
                .hasMessageContaining(
                        name + " (in overrides) is no property; did you mean " + nearest);
    }

    @ParameterizedTest
    @CsvSource({
        "PIX2PIX_TASK_ATEMPTS, PIX2PIX_TASK_ATTEMPTS",
        "PIX2PIX_TRANSLATION_BATCHSIZE, PIX2PIX_TRANSLATION_BATCH_SIZE",
        "PIX2PIX_STORAGE_ALLOW_MODEL, PIX2PIX_STORAGE_ALLOW_MODELS",
        "PIX2PIX_API_KEYS_FIEL, PIX2PIX_API_KEYS_FILE"
    })
    void anUnknownVariableIsToldWithTheNearestOne(String name, String nearest) {
        assertThat(problems(Map.of(), name))
                .containsExactly(
                        name
                                + " in the environment sets no property; did you mean "
                                + nearest
                                + "?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PIX2PIX_JAVA_OPTS",
                "PIX2PIX_TASK_ATTEMPTS",
                "PIX2PIX_STORAGE_ALLOW_0_",
                "PIX2PIX_KAFKA_PROPERTIES__SECURITY_PROTOCOL_",
                "PIX2PIX_COORDINATOR_SERVICE_HOST",
                "PIX2PIX_COORDINATOR_SERVICE_PORT_HTTP",
                "PIX2PIX_COORDINATOR_PORT_8080_TCP_ADDR",
                "PIX2PIX_PORT",
                "HOME"
            })
    void whatTheScriptKubernetesAndOthersSetIsLetPass(String variable) {
        assertThat(problems(Map.of(), variable)).isEmpty();
    }

    @Test
    void listsAndClientPropertiesMayBeSetInEveryWay() {
        Map<String, String> settings =
                Map.of(
                        "pix2pix.storage.allow[0]", "s3://a/",
                        "pix2pix.storage.allow[1]", "s3://b/",
                        "pix2pix.kafka.properties.\"security.protocol\"", "SSL",
                        "pix2pix.storage.endpoint", "http://127.0.0.1:9000",
                        "pix2pix.kafka.bootstrap-servers", "kafka-0:9092, [::1]:9093",
                        "pix2pix.roles", "trainer, TRANSLATOR",
                        "pix2pix.training.slice", "PT90S",
                        "pix2pix.device", "gpu:1");
        Settings read = new Settings(settings);
        assertThat(read.storage().allow()).containsExactly("s3://a/", "s3://b/");
        assertThat(read.storage().endpoint()).contains(URI.create("http://127.0.0.1:9000"));
        assertThat(read.messaging().properties()).containsEntry("security.protocol", "SSL");
    }

    @Test
    void everyMistakeIsTold() {
        assertThatThrownBy(
                        () ->
                                new Settings(
                                        Map.of(
                                                "pix2pix.task.attempts", "0",
                                                "pix2pix.storage.secret-key", "very secret",
                                                "pix2pix.tracking.window", "-1")))
                .hasMessageContaining("pix2pix.task.attempts is 0")
                .hasMessageContaining("pix2pix.tracking.window is -1")
                .hasMessageContaining("pix2pix.storage.access-key")
                .hasMessageNotContaining("very secret");
    }

    private static List<String> problems(Map<String, String> settings, String variable) {
        return ConfigurationCheck.problems(
                new SmallRyeConfigBuilder()
                        .withSources(new PropertiesConfigSource(settings, "test", 1))
                        .addDiscoveredConverters()
                        .build(),
                Set.of(variable));
    }
}
