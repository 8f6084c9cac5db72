package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3UriTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket/key",
                "s3://bucket/",
                "s3://bucket/a/b c/ü%20+?#.jpg",
                "s3://bucket//leading/../slash/"
            })
    void readsWhatItWrites(String uri) {
        assertThat(S3Uri.parse(uri)).hasToString(uri);
    }

    @Test
    void takesKeysLiterally() {
        assertThat(S3Uri.parse("s3://b/a%20b")).isEqualTo(new S3Uri("b", "a%20b"));
        assertThat(S3Uri.parse("s3://b")).isEqualTo(new S3Uri("b", ""));
    }

    @Test
    void tellsPrefixesFromObjects() {
        assertThat(S3Uri.parse("s3://b/a/").isPrefix()).isTrue();
        assertThat(S3Uri.parse("s3://b").isPrefix()).isTrue();
        assertThat(S3Uri.parse("s3://b/a").isPrefix()).isFalse();
    }

    @Test
    void appendsToTheKey() {
        assertThat(S3Uri.parse("s3://b/a/").resolve("c.png")).hasToString("s3://b/a/c.png");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/tmp/x", "s3:/b/k", "http://b/k", "s3://", "s3:///key"})
    void refusesWhatNamesNoBucket(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> S3Uri.parse(text))
                .withMessageContaining("'" + text + "'");
    }
}
