package io.pix2pix.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pix2pix.testing.TokenProvider;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens of a provider that is not always there. */
@Timeout(60)
class TokensTest {
    private TokenProvider provider;
    private String token;

    @BeforeEach
    void start() throws Exception {
        provider = new TokenProvider();
        token = provider.token("ann", List.of("viewer"), claims -> {});
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void withoutTheProvidersKeysNobodyIsKnown() {
        provider.fail();
        isUnavailable(tokens("1h"), token);
    }

    @Test
    void whileTheProviderIsDownItsKeysStayButNoOthersAreKnown() {
        Tokens tokens = tokens("1s");
        assertThat(tokens.caller(token)).isEqualTo(new Caller("ann", ApiRole.VIEWER));
        provider.fail();
        // They were to be fetched anew, and could not be.
        await().until(
                        () -> {
                            assertThat(tokens.caller(token).name()).isEqualTo("ann");
                            return provider.refusals() > 0;
                        });
        String unknown =
                TokenProvider.token(
                        TokenProvider.newKey("second"), "eve", List.of("viewer"), claims -> {});
        await().untilAsserted(() -> isUnavailable(tokens, unknown));
        assertThat(tokens.caller(token).name()).isEqualTo("ann");
    }

    @Test
    void aKeyThatWasWithdrawnMeanwhileEndsSoonAfterTheProviderIsBack() {
        Tokens tokens = tokens("1s");
        tokens.caller(token);
        provider.fail();
        await().until(
                        () -> {
                            tokens.caller(token);
                            return provider.refusals() > 0;
                        });
        provider.rotate();
        provider.recover();
        await().untilAsserted(
                        () ->
                                assertThatThrownBy(() -> tokens.caller(token))
                                        .isInstanceOfSatisfying(
                                                ProblemException.class,
                                                e ->
                                                        assertThat(e.problem().status())
                                                                .isEqualTo(401)));
    }

    private static void isUnavailable(Tokens tokens, String token) {
        assertThatThrownBy(() -> tokens.caller(token))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> {
                            assertThat(e.problem().status()).isEqualTo(503);
                            assertThat(e.problem().code()).isEqualTo("NO_PROVIDER");
                        });
    }

    private Tokens tokens(String cache) {
        ApiConfig config =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withSources(
                                new PropertiesConfigSource(
                                        Map.of(
                                                "pix2pix.api.oidc.issuer",
                                                TokenProvider.ISSUER,
                                                "pix2pix.api.oidc.audience",
                                                TokenProvider.AUDIENCE,
                                                "pix2pix.api.oidc.jwks",
                                                provider.jwks().toString(),
                                                "pix2pix.api.oidc.roles-claim",
                                                "realm_access/roles",
                                                "pix2pix.api.oidc.jwks-cache",
                                                cache),
                                        "test",
                                        1))
                        .withMapping(ApiConfig.class)
                        .build()
                        .getConfigMapping(ApiConfig.class);
        return Tokens.of(config.oidc()).orElseThrow();
    }
}
