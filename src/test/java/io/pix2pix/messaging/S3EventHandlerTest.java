package io.pix2pix.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.messaging.SubmissionFollower.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which standing jobs are told of a new object, by a process that may be behind. */
class S3EventHandlerTest {
    private static final Instant SUBMITTED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Submission STANDING =
            new Submission(
                    Json.read(
                            """
                            {"jobId": "job", "model": {"uri": "s3://m/g.pt"},
                             "input": {"uri": "s3://in/", "follow": true},
                             "output": {"uri": "s3://out/"}}
                            """
                                    .getBytes(UTF_8),
                            TranslationJob.class),
                    Kind.TRANSLATION,
                    "digest",
                    SUBMITTED);

    @ParameterizedTest
    @EnumSource(State.class)
    void aJobIsToldUnlessItIsKnownToHaveEnded(State state) {
        boolean told =
                S3EventHandler.mayFollow(STANDING, status("digest", state), after(Duration.ZERO));
        assertThat(told).isEqualTo(!state.wantsNoWork());
    }

    @Test
    void anotherJobOfTheNameIsNotThisOne() {
        JobStatus other = status("other", State.RUNNING);
        assertThat(S3EventHandler.mayFollow(STANDING, other, after(Duration.ZERO))).isFalse();
    }

    @Test
    void aJobWithoutAStatusIsToldForAnHourAndIsThenOneThatWasForgotten() {
        assertThat(S3EventHandler.mayFollow(STANDING, null, after(Duration.ofMinutes(59))))
                .isTrue();
        assertThat(S3EventHandler.mayFollow(STANDING, null, after(Duration.ofHours(1)))).isFalse();
        JobStatus command = status("", State.UNKNOWN);
        assertThat(S3EventHandler.mayFollow(STANDING, command, after(Duration.ofHours(1))))
                .isFalse();
    }

    private static Instant after(Duration time) {
        return SUBMITTED.plus(time);
    }

    private static JobStatus status(String digest, State state) {
        return new JobStatus(
                "job",
                Kind.TRANSLATION,
                digest,
                state,
                null,
                new JobStatus.Images(0, 0, 0, 0, 0),
                false,
                0,
                0,
                0,
                List.of(),
                0,
                0,
                0,
                null,
                null,
                null,
                "",
                SUBMITTED,
                null,
                SUBMITTED,
                null);
    }
}
