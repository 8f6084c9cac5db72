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
        assertThat(Attempt.isSuspicious(task(1, null), 1)).isFalse();
        assertThat(Attempt.isSuspicious(task(1, null), 2)).isFalse();
        assertThat(Attempt.isSuspicious(task(1, null), 3)).isTrue();
        assertThat(attempt(1).order(4)).containsExactly(0, 1, 2, 3);
        assertThat(attempt(2).order(4)).containsExactly(3, 2, 1, 0);
        assertThat(attempt(3).order(4)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void attemptsThatSaidWhyTheyFailedMakeNoneCareful() {
        Failure failure = Failure.retriable(Stage.FETCH, "STORAGE_UNAVAILABLE", "away");
        assertThat(Attempt.isSuspicious(task(4, failure), 4)).isFalse();
        assertThat(attempt(0).isCareful()).isFalse();
        assertThat(attempt(0).order(3)).containsExactly(0, 1, 2);
        assertThat(Attempt.isSuspicious(task(3, failure), 4)).describedAs("died since").isTrue();
    }

    private static TranslationTask task(int attempt, Failure last) {
        return new TranslationTask("j", 0, 4, attempt, last, JOB);
    }

    private static Attempt attempt(int careful) {
        return new Attempt(task(1, null), 2 + careful, careful, "w", Clock.systemUTC());
    }
}
