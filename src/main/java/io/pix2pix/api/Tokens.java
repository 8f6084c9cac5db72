package io.pix2pix.api;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jose4j.http.Get;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jspecify.annotations.Nullable;

/**
 * Takes signed tokens of an OpenID Connect provider (RFC 7519, RFC 9068). Safe for any number of
 * threads; may wait for the provider's keys.
 */
final class Tokens {
    private static final Logger LOG = Logger.getLogger(Tokens.class);
    private static final int CLOCK_SKEW_S = 30;
    private static final int PATIENCE_MS = 5_000;

    /** How long keys are kept that could not be fetched anew, before that is tried again. */
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    private final ApiConfig.Oidc config;
    private final JwtConsumer consumer;

    /**
     * Nothing where no provider is configured.
     *
     * @throws IllegalArgumentException when a part of it is missing, or its keys come unprotected
     */
    static Optional<Tokens> of(ApiConfig.Oidc config) {
        boolean none =
                config.issuer().isEmpty() && config.audience().isEmpty() && config.jwks().isEmpty();
        return none ? Optional.empty() : Optional.of(new Tokens(config));
    }

    private static <T> T required(Optional<T> value, String name) {
        return value.orElseThrow(
                () ->
                        new IllegalArgumentException(
                                "pix2pix.api.oidc.issuer, audience and jwks go together, %s is missing"
                                        .formatted(name)));
    }

    private Tokens(ApiConfig.Oidc config) {
        this.config = config;
        URI jwks = required(config.jwks(), "jwks");
        this.consumer =
                new JwtConsumerBuilder()
                        .setVerificationKeyResolver(
                                new HttpsJwksVerificationKeyResolver(
                                        provider(jwks, config.jwksCache())))
                        // Of key pairs only: never "none", never a shared secret.
                        .setJwsAlgorithmConstraints(
                                new AlgorithmConstraints(
                                        ConstraintType.PERMIT,
                                        AlgorithmIdentifiers.RSA_USING_SHA256,
                                        AlgorithmIdentifiers.RSA_USING_SHA384,
                                        AlgorithmIdentifiers.RSA_USING_SHA512,
                                        AlgorithmIdentifiers.RSA_PSS_USING_SHA256,
                                        AlgorithmIdentifiers.RSA_PSS_USING_SHA384,
                                        AlgorithmIdentifiers.RSA_PSS_USING_SHA512,
                                        AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256,
                                        AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384,
                                        AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512,
                                        AlgorithmIdentifiers.EDDSA))
                        .setRequireExpirationTime()
                        .setRequireSubject()
                        .setExpectedIssuer(true, required(config.issuer(), "issuer"))
                        .setExpectedAudience(true, required(config.audience(), "audience"))
                        .setAllowedClockSkewInSeconds(CLOCK_SKEW_S)
                        .build();
    }

    private static HttpsJwks provider(URI uri, Duration cache) {
        boolean near = "http".equals(uri.getScheme()) && Hosts.isLoopback(uri.getHost());
        boolean encrypted = "https".equals(uri.getScheme());
        boolean safe = (near || encrypted) && uri.getUserInfo() == null;
        if (!safe) {
            throw new IllegalArgumentException(
                    "pix2pix.api.oidc.jwks must be an https URL without a password in it (http on this machine only): whoever stands between could sign tokens");
        }
        Get get = new Get();
        get.setConnectTimeout(PATIENCE_MS);
        get.setReadTimeout(PATIENCE_MS);
        get.setRetries(1);
        HttpsJwks jwks = new HttpsJwks(uri.toString());
        jwks.setSimpleHttpGet(get);
        long kept = Math.max(1, cache.toSeconds());
        jwks.setDefaultCacheDuration(kept);
        // A key that the provider has withdrawn must not outlive its being down by much.
        jwks.setRetainCacheOnErrorDuration(Math.min(kept, LONGEST_RETRY.toSeconds()));
        return jwks;
    }

    /**
     * @throws ProblemException 401 with what is wrong with the token, 403 when it has no role here,
     *     503 when the provider's keys cannot be had
     */
    Caller caller(String token) {
        try {
            JwtClaims claims = consumer.processToClaims(token);
            String name = claims.getSubject();
            return new Caller(
                    name,
                    role(claims)
                            .orElseThrow(
                                    () ->
                                            ProblemException.forbidden(
                                                    "NO_ROLE",
                                                    "The token's claim %s has neither %s nor %s"
                                                            .formatted(
                                                                    config.rolesClaim(),
                                                                    config.viewerRole(),
                                                                    config.operatorRole()))));
        } catch (InvalidJwtException e) {
            // Only its own message: those of the outer ones repeat the token.
            Optional<Throwable> noAnswer =
                    causes(e).filter(IOException.class::isInstance).findFirst();
            if (noAnswer.isPresent()) {
                LOG.warnf("No keys from pix2pix.api.oidc.jwks: %s", noAnswer.get());
                throw ProblemException.unavailable(
                        "NO_PROVIDER", "The provider that signs tokens gives no keys");
            }
            throw ProblemException.unauthenticated(reason(e));
        } catch (MalformedClaimException e) {
            throw ProblemException.unauthenticated("The token has no valid subject");
        }
    }

    private static Stream<Throwable> causes(Throwable e) {
        return Stream.iterate(e, cause -> cause != null, Throwable::getCause);
    }

    private static String reason(InvalidJwtException e) {
        if (e.hasExpired()) {
            return "The token has expired";
        } else if (e.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)
                || e.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return "The token is for another audience than pix2pix.api.oidc.audience";
        } else if (e.hasErrorCode(ErrorCodes.ISSUER_INVALID)
                || e.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
            return "The token is of another issuer than pix2pix.api.oidc.issuer";
        }
        return "Neither a known API key nor a token with a valid signature";
    }

    private Optional<ApiRole> role(JwtClaims claims) {
        Object value = claims.getClaimsMap();
        for (String name : config.rolesClaim().split("/", -1)) {
            value = value instanceof Map<?, ?> object ? object.get(name) : null;
        }
        if (has(value, config.operatorRole())) {
            return Optional.of(ApiRole.OPERATOR);
        }
        return has(value, config.viewerRole()) ? Optional.of(ApiRole.VIEWER) : Optional.empty();
    }

    private static boolean has(@Nullable Object roles, String role) {
        if (roles instanceof Collection<?> list) {
            return list.contains(role);
        }
        return roles instanceof String words && Arrays.asList(words.split(" ", -1)).contains(role);
    }
}
