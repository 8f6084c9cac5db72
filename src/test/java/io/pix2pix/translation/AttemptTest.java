package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class AttemptTest {
    private static final TranslationJob JOB =
            Json.read(
                    """
                    {"jobId": "j", "model": {"uri": "s3://b/g.pt"}, "input": {"uri": "s3://b/in/"},
                     "output": {"uri": "s3://b/out/"}}
                    """
                            .getBytes(StandardCharsets.UTF_8),
                    TranslationJob.class);

    @Test
    void afterTwoDeathsImagesAreTakenOneByOneFromOneEndAndThenFromTheOther() {
        assertThat(attempt(1, 1, null).isCareful()).isFalse();
        assertThat(attempt(1, 2, null).isCareful()).isFalse();
        assertThat(attempt(1, 3, null).isCareful()).isTrue();
        assertThat(attempt(1, 3, null).order(4)).containsExactly(0, 1, 2, 3);
        assertThat(attempt(1, 4, null).isCareful()).isTrue();
        assertThat(attempt(1, 4, null).order(4)).containsExactly(3, 2, 1, 0);
    }

    @Test
    void attemptsThatSaidWhyTheyFailedMakeNoneCareful() {
        Failure failure = Failure.retriable(Stage.FETCH, "STORAGE_UNAVAILABLE", "away");
        assertThat(attempt(4, 4, failure).isCareful()).isFalse();
        assertThat(attempt(4, 4, failure).order(3)).containsExactly(0, 1, 2);
        assertThat(attempt(3, 4, failure).isCareful()).describedAs("died since").isTrue();
    }

    private static Attempt attempt(int ofTask, int number, Failure last) {
        return new Attempt(
                new TranslationTask("j", 0, 4, ofTask, last, JOB), number, "w", Clock.systemUTC());
    }
}
