package io.pix2pix.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Who may use the REST API, and its limits. */
@ConfigMapping(prefix = "pix2pix.api")
public interface ApiConfig {
    /** Larger image files are not shown, bytes. */
    @WithDefault("33554432")
    long maxImageBytes();

    /** Images of more pixels are not cut or made smaller for showing. */
    @WithDefault("50000000")
    long maxImagePixels();

    /** Streams of events open at once. */
    @WithDefault("200")
    int maxEventStreams();

    /** API keys as {@code name:role:hash}: viewer or operator, and the key's SHA-256 in hex. */
    Optional<List<String>> keys();

    /** A file of more such entries, one a line; read at the start. */
    Optional<Path> keysFile();

    /** Whose tokens are taken beside API keys. */
    Oidc oidc();

    /**
     * Whether everybody may do everything though others than this machine can reach the port; with
     * neither keys nor OIDC a coordinator otherwise does not start there.
     */
    @WithDefault("false")
    boolean allowAnonymous();

    /**
     * Names of hosts by which a server is asked that does not ask who comes, beside the loopback's;
     * a server beyond loopback then answers these and addresses only, without them any name.
     */
    Optional<List<String>> hosts();

    /** Whether {@code /q/metrics} needs a viewer as well. */
    @WithDefault("false")
    boolean protectMetrics();

    /**
     * An OpenID Connect provider that signs tokens (JWT, RFC 9068); none unless the first three are
     * set.
     */
    interface Oidc {
        /** What tokens must have as {@code iss}. */
        Optional<String> issuer();

        /** What tokens must have among their {@code aud}. */
        Optional<String> audience();

        /** Where the provider publishes its keys. */
        Optional<URI> jwks();

        /** Claim that holds the roles, a list or words; a slash leads into an object. */
        @WithDefault("roles")
        String rolesClaim();

        /** What the claim has for a viewer. */
        @WithDefault("viewer")
        String viewerRole();

        /** What the claim has for an operator. */
        @WithDefault("operator")
        String operatorRole();

        /**
         * How long the provider's keys are kept where its answer's {@code Cache-Control} does not
         * say; an unknown key has them fetched anew at once. While the provider is down they stay.
         */
        @WithDefault("1h")
        Duration jwksCache();
    }
}
