package io.pix2pix.messaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** {@link KafkaSecurity} in the words of Kafka's clients. */
final class SecurityProperties {
    private static final String PREFIX = "pix2pix.kafka.security.";
    private static final String PEM = "PEM";

    /** What takes a user's name and password, by mechanism. */
    private static final Map<String, String> LOGIN_MODULES =
            Map.of(
                    "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule",
                    "SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule",
                    "PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule");

    private final KafkaSecurity config;
    private final boolean tls;
    private final boolean sasl;

    private SecurityProperties(KafkaSecurity config) {
        this.config = config;
        SecurityProtocol protocol = config.protocol();
        this.tls = protocol == SecurityProtocol.SSL || protocol == SecurityProtocol.SASL_SSL;
        this.sasl =
                protocol == SecurityProtocol.SASL_SSL
                        || protocol == SecurityProtocol.SASL_PLAINTEXT;
    }

    /**
     * Reads the files anew each time, so that a client made after a renewal has the new ones.
     *
     * @throws IllegalArgumentException when something is missing or fits nothing else, or a file
     *     cannot be read; the message names the property and never a secret
     */
    static Map<String, String> of(KafkaSecurity config) {
        return new SecurityProperties(config).properties();
    }

    private Map<String, String> properties() {
        requireUse();
        Map<String, String> p = new HashMap<>();
        if (config.protocol() != SecurityProtocol.PLAINTEXT) {
            p.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, config.protocol().name);
        }
        config.ca().ifPresent(file -> trust(p, file));
        if (config.certificate().isPresent() || config.key().isPresent()) {
            identify(p);
        }
        config.username().ifPresent(name -> login(p, name));
        return p;
    }

    /** What is set and not used is a mistake that should not look like security. */
    private void requireUse() {
        boolean files = isAnySet(config.ca(), config.certificate(), config.key());
        if (files && !tls) {
            throw wrong("ca, certificate and key need protocol SSL or SASL_SSL, found ");
        }
        if (isAnySet(config.username(), config.password()) && !sasl) {
            throw wrong("username and password need protocol SASL_SSL or SASL_PLAINTEXT, found ");
        }
        if (config.password().isPresent() && config.username().isEmpty()) {
            throw new IllegalArgumentException(
                    PREFIX + "password is set, " + PREFIX + "username is missing");
        }
    }

    private IllegalArgumentException wrong(String need) {
        return new IllegalArgumentException(PREFIX + need + config.protocol());
    }

    private static boolean isAnySet(Optional<?>... values) {
        for (Optional<?> value : values) {
            if (value.isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static void trust(Map<String, String> p, Path file) {
        p.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
        p.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, read(file, "ca"));
    }

    private void identify(Map<String, String> p) {
        p.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, PEM);
        p.put(
                SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
                read(required(config.certificate(), "certificate"), "certificate"));
        p.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, read(required(config.key(), "key"), "key"));
        config.keyPassword().ifPresent(word -> p.put(SslConfigs.SSL_KEY_PASSWORD_CONFIG, word));
    }

    private void login(Map<String, String> p, String name) {
        String module = LOGIN_MODULES.get(config.mechanism());
        if (module == null) {
            throw new IllegalArgumentException(
                    "%smechanism must be one of %s where a username is set, found '%s'; for others set pix2pix.kafka.properties.\"sasl.mechanism\" and \"sasl.jaas.config\""
                            .formatted(
                                    PREFIX,
                                    LOGIN_MODULES.keySet().stream().sorted().toList(),
                                    config.mechanism()));
        }
        p.put(SaslConfigs.SASL_MECHANISM, config.mechanism());
        p.put(
                SaslConfigs.SASL_JAAS_CONFIG,
                "%s required username=%s password=%s;"
                        .formatted(
                                module,
                                quoted(name),
                                quoted(required(config.password(), "password"))));
    }

    /** As JAAS' configuration is read: by a {@link java.io.StreamTokenizer}. */
    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static <T> T required(Optional<T> value, String name) {
        return value.orElseThrow(() -> new IllegalArgumentException(PREFIX + name + " is missing"));
    }

    private static String read(Path file, String name) {
        // The key itself would be in the message, and that in the log.
        if (file.toString().contains("-----BEGIN")) {
            throw new IllegalArgumentException(
                    "%s%s holds PEM text, expected the name of a PEM file".formatted(PREFIX, name));
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s%s: failed to read %s: %s".formatted(PREFIX, name, file, e), e);
        }
    }
}
