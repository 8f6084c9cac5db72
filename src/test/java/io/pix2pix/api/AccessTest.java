package io.pix2pix.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in where, by what is configured. */
class AccessTest {
    /** SHA-256 of "abc" (FIPS 180-4). */
    private static final String ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3", "pix2pix.example", "127.0.0.1.example"})
    void nobodyServesOtherMachinesWithoutAskingWhoTheyAre(String host) {
        assertThatThrownBy(() -> access(host, Map.of()).requireSafe())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would listen on " + host)
                .hasMessageContaining("pix2pix.api.keys")
                .hasMessageContaining("pix2pix.api.allow-anonymous=true");
        safe(access(host, Map.of("pix2pix.api.keys", "ci:operator:" + ABC)));
        safe(access(host, Map.of("pix2pix.api.allow-anonymous", "true")));
        safe(
                access(
                        host,
                        Map.of(
                                "pix2pix.api.oidc.issuer", "https://id.example",
                                "pix2pix.api.oidc.audience", "pix2pix",
                                "pix2pix.api.oidc.jwks", "https://id.example/keys")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1"})
    void thisMachineMayBeServedAsItIs(String host) {
        Access access = access(host, Map.of());
        safe(access);
        assertThat(access.isRequired()).isFalse();
    }

    private static void safe(Access access) {
        assertThatCode(access::requireSafe).doesNotThrowAnyException();
    }

    @Test
    void keysAreKnownByTheirHashes(@TempDir Path folder) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("keys"),
                        "# of the team\n\nann:viewer:%s\n".formatted("0".repeat(64)));
        Access access =
                access(
                        "127.0.0.1",
                        Map.of(
                                "pix2pix.api.keys",
                                "ci:operator:" + ABC,
                                "pix2pix.api.keys-file",
                                file.toString()));

        assertThat(access.byKey("abc")).contains(new Caller("ci", ApiRole.OPERATOR));
        assertThat(access.byKey("abd")).isEmpty();
        assertThat(access.byKey("")).isEmpty();
        assertThat(access.byKey(ABC)).as("the hash is no key").isEmpty();
        assertThat(access.isRequired()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "my-s3cret-key",
                "ci:admin:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "ci:operator:s3cret",
                ":operator:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            })
    void whatIsNoEntryStopsTheStartAndIsNotRepeated(String entry) {
        assertThatThrownBy(() -> access("127.0.0.1", Map.of("pix2pix.api.keys", entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pix2pix.api.keys, entry 1: expected name:role:hash")
                .hasMessageNotContaining(entry);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://id.example/keys",
                "https://me:s3cret@id.example/keys",
                "file:///keys"
            })
    void signingKeysComeOverTlsOnly(String jwks) {
        assertThatThrownBy(
                        () ->
                                access(
                                        "127.0.0.1",
                                        Map.of(
                                                "pix2pix.api.oidc.issuer", "https://id.example",
                                                "pix2pix.api.oidc.audience", "pix2pix",
                                                "pix2pix.api.oidc.jwks", jwks)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pix2pix.api.oidc.jwks must be an https URL")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aProviderThatIsHalfConfiguredStopsTheStart() {
        assertThatThrownBy(
                        () ->
                                access(
                                        "127.0.0.1",
                                        Map.of(
                                                "pix2pix.api.oidc.issuer", "https://id.example",
                                                "pix2pix.api.oidc.jwks", "https://id.example/k")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pix2pix.api.oidc.issuer, audience and jwks go together")
                .hasMessageContaining("audience is missing");
    }

    private static Access access(String host, Map<String, String> settings) {
        ApiConfig config =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withSources(new PropertiesConfigSource(new HashMap<>(settings), "test", 1))
                        .withMapping(ApiConfig.class)
                        .build()
                        .getConfigMapping(ApiConfig.class);
        return new Access(config, host, Optional.empty());
    }
}
