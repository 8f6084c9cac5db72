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

    /** That of its second message. */
    private static final String SECOND =
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

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
        safe(access(host, provider("https://id.example/keys")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1"})
    void thisMachineMayBeServedAsItIs(String host) {
        Access access = access(host, Map.of());
        safe(access);
        assertThat(access.isRequired()).isFalse();
    }

    /** Where a page's own name may have been made to lead here (DNS rebinding). */
    @Test
    void whereNobodyIsAskedOnlyNamesOfThisServerAreAnswered() {
        Map<String, String> anonymous = Map.of("pix2pix.api.allow-anonymous", "true");
        Map<String, String> named =
                Map.of(
                        "pix2pix.api.allow-anonymous",
                        "true",
                        "pix2pix.api.hosts",
                        "localhost,coordinator");

        answers(access("127.0.0.1", Map.of()), "localhost", "127.0.0.1", "::1", "[::1]");
        refuses(access("127.0.0.1", Map.of()), "evil.example", "coordinator", "10.0.0.1");
        answers(access("127.0.0.1", named), "127.0.0.1", "coordinator");
        refuses(access("127.0.0.1", named), "evil.example", "10.0.0.1");
        answers(access("0.0.0.0", named), "localhost", "127.0.0.1", "Coordinator", "10.0.0.1");
        answers(access("0.0.0.0", named), "fd00::1", "[fd00::1]");
        refuses(access("0.0.0.0", named), "evil.example", "10.0.0.1.evil.example", "coordinator.");
        answers(access("0.0.0.0", anonymous), "whatever.example");
        refuses(access("0.0.0.0", anonymous), (String) null);
    }

    private static void answers(Access access, String... hosts) {
        assertThat(hosts).allMatch(access::answersTo);
    }

    private static void refuses(Access access, String... hosts) {
        assertThat(hosts).noneMatch(access::answersTo);
    }

    private static void safe(Access access) {
        assertThatCode(access::requireSafe).doesNotThrowAnyException();
    }

    @Test
    void keysAreKnownByTheirHashes(@TempDir Path folder) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("keys"), "# of the team\n\nann:viewer:%s\n".formatted(ABC));
        Access access =
                access(
                        "127.0.0.1",
                        Map.of(
                                "pix2pix.api.keys",
                                "ci:operator:" + SECOND,
                                "pix2pix.api.keys-file",
                                file.toString()));

        assertThat(access.byKey("abc")).contains(new Caller("ann", ApiRole.VIEWER));
        assertThat(access.byKey("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
                .contains(new Caller("ci", ApiRole.OPERATOR));
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
                "http://localhost.example/keys",
                "https://me:s3cret@id.example/keys",
                "file:///keys"
            })
    void signingKeysComeOverTlsOnly(String jwks) {
        assertThatThrownBy(() -> access("127.0.0.1", provider(jwks)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pix2pix.api.oidc.jwks must be an https URL")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void metricsAreNotProtectedWhereNobodyIsAsked() {
        Map<String, String> protect = Map.of("pix2pix.api.protect-metrics", "true");
        assertThatThrownBy(() -> access("127.0.0.1", protect))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pix2pix.api.protect-metrics needs pix2pix.api.keys");
        Map<String, String> asked = new HashMap<>(protect);
        asked.put("pix2pix.api.keys", "ci:operator:" + ABC);
        assertThat(access("127.0.0.1", asked).protectsMetrics()).isTrue();
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

    private static Map<String, String> provider(String jwks) {
        return Map.of(
                "pix2pix.api.oidc.issuer", "https://id.example",
                "pix2pix.api.oidc.audience", "pix2pix",
                "pix2pix.api.oidc.jwks", jwks);
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
        return new Access(config, host, Optional.empty(), "enabled");
    }
}
