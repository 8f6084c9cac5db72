package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllowListTest {
    @Test
    void permitsEverythingBelowAnEntry() {
        AllowList allow = new AllowList("the.property", List.of("s3://photos/public/", "s3://results"));

        assertThat(allow.permits(S3Uri.parse("s3://photos/public/a.jpg"))).isTrue();
        assertThat(allow.permits(S3Uri.parse("s3://photos/public/"))).isTrue();
        assertThat(allow.permits(S3Uri.parse("s3://results/x/y"))).isTrue();
    }

    @Test
    void permitsNothingElse() {
        AllowList allow = new AllowList("the.property", List.of("s3://photos/public/", "s3://results"));

        assertThat(allow.permits(S3Uri.parse("s3://photos/private/a.jpg"))).isFalse();
        assertThat(allow.permits(S3Uri.parse("s3://photos/"))).isFalse();
        assertThat(allow.permits(S3Uri.parse("s3://results-of-others/x"))).isFalse();
        assertThat(new AllowList("the.property", List.of()).permits(S3Uri.parse("s3://results/x"))).isFalse();
    }

    @Test
    void permitsEverythingByTheBareScheme() {
        assertThat(new AllowList("the.property", List.of("s3://")).permits(S3Uri.parse("s3://any/thing"))).isTrue();
    }

    @Test
    void saysWhatIsPermitted() {
        AllowList allow = new AllowList("the.property", List.of("s3://photos/"));

        FailureException e =
                catchThrowableOfType(
                        FailureException.class,
                        () -> allow.require(Stage.FETCH, S3Uri.parse("s3://other/x")));

        assertThat(e.failure().code()).isEqualTo("NOT_ALLOWED");
        assertThat(e).hasMessageContaining("s3://other/x").hasMessageContaining("s3://photos/");
    }

    @Test
    void refusesEntriesThatAreNoUris() {
        assertThatIllegalArgumentException().isThrownBy(() -> new AllowList("the.property", List.of("photos/")));
    }
}
