package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowListTest {
    @Test
    void permitsEverythingBelowAnEntry() {
        AllowList allow =
                new AllowList("the.property", List.of("s3://photos/public/", "s3://results"));

        assertThat(allow.permits(S3Uri.parse("s3://photos/public/a.jpg"))).isTrue();
        assertThat(allow.permits(S3Uri.parse("s3://photos/public/"))).isTrue();
        assertThat(allow.permits(S3Uri.parse("s3://results/x/y"))).isTrue();
    }

    @Test
    void permitsNothingElse() {
        AllowList allow =
                new AllowList("the.property", List.of("s3://photos/public/", "s3://results"));

        assertThat(allow.permits(S3Uri.parse("s3://photos/private/a.jpg"))).isFalse();
        assertThat(allow.permits(S3Uri.parse("s3://photos/"))).isFalse();
        assertThat(allow.permits(S3Uri.parse("s3://results-of-others/x"))).isFalse();
        assertThat(new AllowList("the.property", List.of()).permits(S3Uri.parse("s3://results/x")))
                .isFalse();
    }

    @Test
    void permitsEverythingByTheBareScheme() {
        assertThat(
                        new AllowList("the.property", List.of("s3://"))
                                .permits(S3Uri.parse("s3://any/thing")))
                .isTrue();
    }

    @Test
    void saysWhatIsPermitted() {
        AllowList allow = new AllowList("the.property", List.of("s3://photos/"));

        FailureException e =
                catchThrowableOfType(
                        FailureException.class,
                        () ->
                                allow.require(
                                        Stage.FETCH, "input.uri: ", S3Uri.parse("s3://other/x")));

        assertThat(e.failure().code()).isEqualTo("NOT_ALLOWED");
        assertThat(e)
                .hasMessage(
                        "input.uri: s3://other/x is outside of what the.property permits: [s3://photos/]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://photos/public/../private/a.jpg",
                "s3://photos/public/./../private/a.jpg",
                "s3://photos/public/..",
                "s3://photos/public//../../private/a.jpg",
                "s3://photos/public/%2e%2e/private/a.jpg",
                "s3://photos/public/%2E./private/a.jpg",
                "s3://photos/public/..%2fprivate/a.jpg",
                "s3://photos/public/..%5Cprivate/a.jpg",
                "s3://photos/public/..\\private/a.jpg",
                "s3://photos/public/%252e%252e/private/a.jpg",
                "s3://photos/public/%25252e%25252e/private/a.jpg",
                "s3://photos//public/a.jpg",
                "s3://photos/Public/a.jpg",
                "s3://Photos/public/a.jpg",
                "s3://PHOTOS/public/a.jpg",
                "s3://photos./public/a.jpg",
                "s3://photos/publi",
                "s3://photos/public",
                "s3://photos",
                "s3://other/photos/public/a.jpg",
            })
    void isNotTalkedRoundByOtherSpellings(String uri) {
        AllowList allow = new AllowList("the.property", List.of("s3://photos/public/"));

        assertThat(allow.permits(S3Uri.parse(uri))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://photos/public/a..b/..c/d../...jpg",
                "s3://photos/public/100%/%20.jpg",
                "s3://photos/public//a.jpg",
                "s3://photos/public/Ä/日本.jpg",
            })
    void mindsNoKeyThatOnlyLooksStrange(String uri) {
        AllowList allow = new AllowList("the.property", List.of("s3://photos/public/"));

        assertThat(allow.permits(S3Uri.parse(uri))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://../photos/a",
                "s3://photos%2fpublic/a",
                "s3:///photos/a",
                "s3://.photos/a",
                "S3://photos/a",
                "https://photos/a",
                "s3://photos\\public/a"
            })
    void knowsNoSuchUris(String uri) {
        assertThatIllegalArgumentException().isThrownBy(() -> S3Uri.parse(uri));
    }

    @Test
    void refusesEntriesThatAreNoUris() {
        for (String entry : List.of("photos/", "s3://photos/public/../", "s3://photos/%2e%2e/")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AllowList("the.property", List.of(entry)))
                    .withMessageStartingWith("the.property: ");
        }
    }
}
