package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.dataset.DatasetConfig;
import io.pix2pix.dataset.DatasetPlanner;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training jobs that name what they may not, where nothing listens: nothing is asked for. */
@Timeout(60)
class AllowedTrainingsTest {
    private ObjectStore store;
    private TrainingPlanner planner;
    private StartingPoints points;

    @BeforeEach
    void open(@TempDir Path scratch) {
        store =
                new ObjectStore(
                        StorageSettings.at(URI.create("http://127.0.0.1:1"), "a", "b")
                                .within(
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(1),
                                        1,
                                        Duration.ofSeconds(5))
                                .allowing(
                                        List.of(),
                                        List.of("s3://photos/train/"),
                                        List.of("s3://results/out/"),
                                        List.of("s3://models/maps/")));
        planner =
                new TrainingPlanner(
                        store,
                        new DatasetPlanner(store, new Datasets()),
                        new Config(scratch.toString()));
        points = new StartingPoints(store, scratch);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "s3://results/other/ | {} | $.output.uri | allow-write",
                "s3://photos/train/ | {} | $.output.uri | allow-write",
                "s3://results/out/ | {\"dataset\": {\"uri\": \"s3://photos/\"}} | $.dataset.uri | allow-read",
                "s3://results/out/ | {\"validation\": {\"uri\": \"s3://photos/train/../val/\"}} | $.validation.uri | allow-read",
                "s3://results/out/ | {\"initFrom\": \"s3://photos/train/net_G.pth\"} | $.initFrom | allow-models",
                "s3://results/out/ | {\"initFrom\": \"s3://models/maps\"} | - | -",
                "s3://results/out/ | {\"initFrom\": \"s3://models/mapsother\"} | $.initFrom | allow-models",
                "s3://results/out/ | {\"resumeFrom\": \"s3://results/out/checkpoints/e1\"} | $.resumeFrom | allow-models",
                "s3://results/out/ | {\"resumeFrom\": \"s3://models/maps/%2e%2e/x\"} | $.resumeFrom | allow-models",
            })
    void areRejectedBeforeAnythingIsRead(
            String output, String more, String field, String property) {
        TrainingJob job = Trainings.job("allowed", S3Uri.parse(output), more);

        Failure failure = failure(() -> planner.plan(job, () -> false));

        if (field.equals("-")) {
            assertThat(failure.code()).as(failure.message()).isEqualTo("STORAGE_UNAVAILABLE");
            return;
        }
        assertThat(failure.code()).as(failure.message()).isEqualTo("NOT_ALLOWED");
        assertThat(failure.retriable()).isFalse();
        assertThat(failure.message())
                .startsWith(field + ": s3://")
                .contains("is outside of what pix2pix.storage." + property + " permits: [s3://");
    }

    /** Its list may be narrower than that of who planned the job. */
    @Test
    void areRefusedByTheWorkerToo() {
        TrainingJob job =
                Trainings.job(
                        "allowed",
                        S3Uri.parse("s3://results/out/"),
                        "{\"resumeFrom\": \"s3://other/checkpoint/\"}");

        Failure failure = failure(() -> points.open(job, Trainings.DATASET));

        assertThat(failure.code()).isEqualTo("NOT_ALLOWED");
    }

    private static Failure failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        FailureException e = catchThrowableOfType(FailureException.class, call);
        assertThat(e).isNotNull();
        return e.failure();
    }

    private record Config(String scratch) implements TrainingConfig {
        @Override
        public Duration slice() {
            return Duration.ofMinutes(10);
        }
    }

    private record Datasets() implements DatasetConfig {
        @Override
        public OptionalLong memoryBytes() {
            return OptionalLong.empty();
        }

        @Override
        public Optional<String> cacheDirectory() {
            return Optional.empty();
        }

        @Override
        public long cacheBytes() {
            return 0;
        }

        @Override
        public int fetchThreads() {
            return 1;
        }

        @Override
        public int checkThreads() {
            return 1;
        }

        @Override
        public long maxImageBytes() {
            return 1 << 20;
        }

        @Override
        public long maxImagePixels() {
            return 1 << 20;
        }
    }
}
