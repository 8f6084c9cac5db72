package io.pix2pix.messaging;

import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** How clients and brokers prove to each other who they are. */
public interface KafkaSecurity {
    /** PLAINTEXT, SSL (TLS, and mTLS with a {@link #certificate()}), SASL_SSL, SASL_PLAINTEXT. */
    @WithDefault("PLAINTEXT")
    SecurityProtocol protocol();

    /** PEM file of the authorities that sign the brokers' certificates; absent: Java's. */
    Optional<Path> ca();

    /** PEM file of this client's certificate and those that lead to its authority (mTLS). */
    Optional<Path> certificate();

    /** PEM file of the certificate's private key, PKCS #8. */
    Optional<Path> key();

    /** The key's password, when it is encrypted. */
    Optional<String> keyPassword();

    /**
     * SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN; for others (OAUTHBEARER, GSSAPI) leave the user name
     * out and set {@code sasl.*} among the clients' properties.
     */
    @WithDefault("SCRAM-SHA-512")
    String mechanism();

    /** Who this client is (SASL). */
    Optional<String> username();

    /** The user's password. */
    Optional<String> password();
}
