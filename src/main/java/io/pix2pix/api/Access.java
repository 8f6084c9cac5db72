package io.pix2pix.api;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Who may use the API of this process. */
@Singleton
public class Access {
    private static final Logger LOG = Logger.getLogger(Access.class);

    private final ApiConfig config;
    private final String host;
    private final boolean tls;
    private final ApiKeys keys;
    private final @Nullable Tokens tokens;

    Access(
            ApiConfig config,
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "quarkus.http.tls-configuration-name")
                    Optional<String> certificates,
            @ConfigProperty(name = "quarkus.http.insecure-requests", defaultValue = "enabled")
                    String insecureRequests) {
        this.config = config;
        this.host = host;
        this.tls = certificates.isPresent() && !insecureRequests.equalsIgnoreCase("enabled");
        this.keys = ApiKeys.of(config);
        this.tokens = Tokens.of(config.oidc()).orElse(null);
        requireUse();
    }

    /**
     * Looks at it without anybody to let in.
     *
     * @throws IllegalArgumentException when something of it is wrong; the message names the
     *     property and never a secret
     */
    public static void requireValid(ApiConfig config) {
        var unused = new Access(config, "127.0.0.1", Optional.empty(), "enabled");
    }

    /** What is set and protects nothing should not look like protection. */
    private void requireUse() {
        if (config.protectMetrics() && !isRequired()) {
            throw new IllegalArgumentException(
                    "pix2pix.api.protect-metrics needs pix2pix.api.keys, pix2pix.api.keys-file or pix2pix.api.oidc.*, or nobody is asked");
        }
    }

    /** Whether callers must say who they are. */
    boolean isRequired() {
        return !keys.isEmpty() || tokens != null;
    }

    /** Whether nobody but this machine reaches the port. */
    boolean isLocal() {
        return Hosts.isLoopback(host);
    }

    /**
     * Whether who asks by this name is answered where nobody has to say who they are. A foreign
     * page cannot reach this API by having its own name lead here (DNS rebinding).
     */
    boolean answersTo(@Nullable String host) {
        List<String> names = config.hosts().orElse(List.of());
        if (host == null || Hosts.isLoopback(host)) {
            return host != null;
        }
        boolean other = !isLocal() && (names.isEmpty() || Hosts.isAddress(host));
        return other || names.stream().anyMatch(host::equalsIgnoreCase);
    }

    /**
     * Refuses to let everybody steer jobs by mistake.
     *
     * @throws IllegalStateException other machines reach the port and nothing is asked of them
     */
    public void requireSafe() {
        if (isLocal()) {
            return;
        }
        if (!isRequired() && !config.allowAnonymous()) {
            throw new IllegalStateException(
                    "The REST API would listen on %s (quarkus.http.host) without authentication, so that whoever reaches it may steer jobs. Set pix2pix.api.keys, pix2pix.api.keys-file or pix2pix.api.oidc.*; or listen on 127.0.0.1; or, where something else keeps others out, set pix2pix.api.allow-anonymous=true. See docs/security.md"
                            .formatted(host));
        }
        if (!isRequired()) {
            LOG.warnf(
                    "Whoever reaches %s may steer jobs (pix2pix.api.allow-anonymous)%s",
                    host,
                    config.hosts().isPresent()
                            ? ""
                            : ", and so may pages of any site in their browsers: set pix2pix.api.hosts to the names of this server");
        } else if (!tls) {
            LOG.warnf(
                    "Keys and tokens come over plain HTTP on %s: leave it so only where something before it speaks TLS (quarkus.http.tls-configuration-name, with quarkus.http.insecure-requests=disabled)",
                    host);
        }
    }

    /** The caller with this API key. Never waits. */
    Optional<Caller> byKey(String credential) {
        return keys.find(credential);
    }

    /** What takes the credentials that are no key; null where none are taken. */
    @Nullable Tokens tokens() {
        return tokens;
    }

    boolean protectsMetrics() {
        return config.protectMetrics();
    }
}
