package io.pix2pix.messaging;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** A configuration for tests. */
public record Security(
        SecurityProtocol protocol,
        Optional<Path> ca,
        Optional<Path> certificate,
        Optional<Path> key,
        Optional<String> keyPassword,
        String mechanism,
        Optional<String> username,
        Optional<String> password)
        implements KafkaSecurity {
    static final Security NONE = of(SecurityProtocol.PLAINTEXT);

    static Security of(SecurityProtocol protocol) {
        return new Security(
                protocol,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "SCRAM-SHA-512",
                Optional.empty(),
                Optional.empty());
    }

    Security trusting(Path ca) {
        return new Security(
                protocol,
                Optional.of(ca),
                certificate,
                key,
                keyPassword,
                mechanism,
                username,
                password);
    }

    Security as(Path certificate, Path key) {
        return new Security(
                protocol,
                ca,
                Optional.of(certificate),
                Optional.of(key),
                keyPassword,
                mechanism,
                username,
                password);
    }

    Security as(String mechanism, String username, String password) {
        return new Security(
                protocol,
                ca,
                certificate,
                key,
                keyPassword,
                mechanism,
                Optional.of(username),
                Optional.of(password));
    }
}
