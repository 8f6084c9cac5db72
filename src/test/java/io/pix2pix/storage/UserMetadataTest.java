package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserMetadataTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "s3://b/100%.jpg",
                "with  two spaces",
                " edges ",
                "日本語😀",
                "a\nb",
                "",
                "base64:looks like ours"
            })
    void givesBackWhatItTook(String value) {
        Map<String, String> encoded = UserMetadata.encode(Map.of("k", value));

        assertThat(encoded.get("k")).matches("[!-~]+");
        assertThat(UserMetadata.decode(encoded)).isEqualTo(Map.of("k", value));
    }

    @Test
    void leavesVisibleAsciiReadable() {
        Map<String, String> metadata = Map.of("input-uri", "s3://photos/a%20b+c.jpg");

        assertThat(UserMetadata.encode(metadata)).isEqualTo(metadata);
    }

    @Test
    void leavesAloneWhatOthersWrote() {
        Map<String, String> foreign = Map.of("a", "base64:!!", "b", "base64:/w==");

        assertThat(UserMetadata.decode(foreign)).isEqualTo(foreign);
    }

    @Test
    void carriesTheLongestKeyOfAnyScript() {
        String key = "漢".repeat(341); // 1,023 bytes, S3 takes 1,024

        assertThat(UserMetadata.encode(Map.of("input", key, "sha", "0".repeat(64)))).hasSize(2);
    }

    @Test
    void refusesMoreThanS3Takes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UserMetadata.encode(Map.of("k", "x".repeat(2048))))
                .withMessageContaining("2049")
                .withMessageContaining("2048");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Upper", "with space", "ü", "a:b"})
    void refusesNamesThatAreNoHeaders(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UserMetadata.encode(Map.of(name, "v")));
    }
}
