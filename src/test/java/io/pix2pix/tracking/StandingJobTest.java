package io.pix2pix.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.Arrival;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.messaging.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tracker makes of images that arrive for a standing job with three images a shard. */
class StandingJobTest {
    private static final TranslationJob JOB =
            Json.read(
                    """
                    {"jobId": "job", "model": {"uri": "s3://m/g.pt"}, "shardSize": 3,
                     "input": {"uri": "s3://in/", "follow": true}, "output": {"uri": "s3://out/"}}
                    """
                            .getBytes(UTF_8),
                    TranslationJob.class);
    private static final String DIGEST = Json.digest(JOB);

    private final TrackerDriver driver = new TrackerDriver();

    @BeforeEach
    void submit() {
        driver.take(new TaskEvent.JobSubmitted("job", DIGEST, JOB, Events.T0));
        driver.take(new TaskEvent.Following("job", DIGEST));
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void fullShardsGoOutAtOnceAndTheRestWhenItHasWaited() {
        arrived(image("a", "1", ""), image("b", "1", ""));
        arrived(image("c", "1", ""), image("d", "1", ""));
        assertThat(tasks()).containsExactly(List.of("a", "b", "c"));
        driver.advance(Duration.ofSeconds(1));
        assertThat(tasks()).isEmpty();
        driver.advance(Duration.ofSeconds(2));
        assertThat(tasks()).containsExactly(List.of("d"));
    }

    @Test
    void aNotificationThatComesAgainIsKnownAlsoWhenItsTaskIsDone() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("a", "1", ""));
        arrived(image("b", "1", ""), image("c", "1", ""));
        assertThat(tasks()).containsExactly(List.of("a", "b", "c"));
        driver.take(new TaskEvent.TaskCompleted("job", 0, 1, "w", 5, List.of()));
        arrived(image("c", "1", ""), image("a", "1", ""));
        driver.advance(Duration.ofSeconds(10));
        assertThat(tasks()).isEmpty();
    }

    @Test
    void anObjectThatIsWrittenAgainIsTranslatedAgainButNotForItsOlderVersion() {
        arrived(image("a", "new", "00A1"), image("a", "old", "0099"), image("a", "newer", "00A1F"));
        arrived(image("a", "new", "00A1"), image("a", "newer", "00A1F"));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).containsExactly(List.of("a", "a"));
    }

    @Test
    void ofAnObjectThatIsAsItWasBeforeTheVersionBetweenIsNotTakenLate() {
        arrived(image("a", "1", "01"), image("a", "1", "03"));
        arrived(image("a", "2", "02"));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).containsExactly(List.of("a"));
    }

    @Test
    void anObjectThatWasSeenIsKnownForAWeekAndThenForgotten() {
        arrived(image("a", "1", ""));
        driver.advance(Duration.ofSeconds(3));
        driver.take(new TaskEvent.TaskCompleted("job", 0, 1, "w", 5, List.of()));
        assertThat(tasks()).hasSize(1);
        pass(Duration.ofDays(6));
        arrived(image("a", "1", ""));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).isEmpty();
        pass(Duration.ofDays(2));
        assertThat(kept()).isZero();
        arrived(image("a", "1", ""));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).containsExactly(List.of("a"));
    }

    @Test
    void whatAnEarlierVersionKeptWithoutATimeIsKnownForAWeekFromNow() {
        driver.store(Tracker.ARRIVAL_STORE)
                .put("job/seen/s3://in/a", "{\"etag\":\"1\",\"sequencer\":\"\"}".getBytes(UTF_8));
        pass(Duration.ofDays(6));
        pass(Duration.ofDays(6));
        arrived(image("a", "1", ""));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).isEmpty();
        pass(Duration.ofDays(2));
        assertThat(kept()).isZero();
    }

    /** All at once would be more than a transaction may take. */
    @Test
    void whatAnEndedJobLeavesGoesAPartAtATimeAndAnUnfinishedJobKeepsItsOwn() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""));
        KeyValueStore<String, byte[]> store = driver.store(Tracker.ARRIVAL_STORE);
        int left = 2 * Arrivals.MOST + 1;
        for (int i = 0; i < left; i++) {
            store.put("ended/seen/s3://in/" + i, "{\"sequencer\":\"\"}".getBytes(UTF_8));
        }
        driver.advance(Duration.ofMinutes(10));
        long before = kept();
        for (int ticks = 0; ticks < 4; ticks++) {
            driver.advance(Duration.ofSeconds(1));
            assertThat(before - kept()).isBetween(0L, (long) Arrivals.MOST);
            before = kept();
        }
        assertThat(kept()).describedAs("keys and images of three").isEqualTo(6);
    }

    @Test
    void aShardOfLongKeysIsFullWhenItHasEnoughBytes() {
        TranslationJob large =
                new TranslationJob(
                        "large", JOB.model(), JOB.input(), JOB.output(), JOB.size(), 1000);
        String digest = Json.digest(large);
        driver.take(new TaskEvent.JobSubmitted("large", digest, large, Events.T0));
        driver.take(new TaskEvent.Following("large", digest));
        for (int i = 0; i < 400; i++) {
            Arrival image = image("%03d".formatted(i) + "x".repeat(1000), "1", "");
            driver.take(new TaskEvent.ImagesArrived("large", digest, List.of(image)));
        }
        driver.advance(Duration.ofSeconds(3));
        List<byte[]> tasks = driver.values(Topic.TRANSLATION_TASKS);
        assertThat(tasks).allMatch(task -> task.length < 300 << 10).hasSizeLessThan(6);
        assertThat(tasks.stream().mapToInt(t -> Json.read(t, TranslationTask.class).images()).sum())
                .isEqualTo(400);
    }

    @Test
    void aTaskThatFailedComesAgainWithItsImages() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""));
        assertThat(tasks()).hasSize(1);
        driver.take(new TaskEvent.TaskFailed("job", 0, 1, "w", 0, Events.FAILURE));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).containsExactly(List.of("a", "b", "c"));
    }

    @Test
    void aPausedJobCollectsWhatArrives() {
        driver.take(command(JobCommand.Action.PAUSE));
        arrived(image("a", "1", ""));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).isEmpty();
        driver.take(command(JobCommand.Action.RESUME));
        assertThat(tasks()).containsExactly(List.of("a"));
    }

    @Test
    void aCancelledJobsReportKnowsWhatArrivedAndWasNotDone() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""), image("d", "1", ""));
        assertThat(tasks()).hasSize(1);
        driver.take(command(JobCommand.Action.CANCEL));
        ReportTask report = driver.read(Topic.REPORT_TASKS, ReportTask.class).get(0);
        assertThat(report.images()).isEqualTo(4);
        assertThat(report.notDone()).containsExactly(0, 1);
        driver.take(new TaskEvent.ReportWritten("job", "s3://out/report.json"));
        List<JobStatus> statuses = driver.read(Topic.JOB_STATUS, JobStatus.class);
        JobStatus last = statuses.get(statuses.size() - 1);
        assertThat(last.state()).isEqualTo(JobStatus.State.CANCELLED);
        arrived(image("e", "1", ""));
        driver.advance(Duration.ofSeconds(3));
        assertThat(tasks()).isEmpty();
        pass(Duration.ofMinutes(10));
        assertThat(kept()).isZero();
    }

    @Test
    void aStandingJobIsNotPlannedAgainAndDoesNotEnd() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""));
        driver.take(new TaskEvent.TaskCompleted("job", 0, 1, "w", 5, List.of()));
        driver.advance(Duration.ofDays(3));
        assertThat(driver.values(Topic.TRANSLATION_JOBS)).isEmpty();
        assertThat(driver.values(Topic.REPORT_TASKS)).isEmpty();
    }

    @Test
    void sequencersAreComparedByTheRuleOfS3() {
        assertThat(Arrivals.isOlder("0055AED6DCD90281E5", "0055AED6DCD90281E6")).isTrue();
        assertThat(Arrivals.isOlder("0055", "00550")).isFalse();
        assertThat(Arrivals.isOlder("0055", "005501")).isTrue();
        assertThat(Arrivals.isOlder("0056", "0055FF")).isFalse();
        assertThat(Arrivals.isOlder("", "0055")).isFalse();
        assertThat(Arrivals.isOlder("0055", "")).isFalse();
    }

    private static TaskEvent command(JobCommand.Action action) {
        return new TaskEvent.CommandReceived("job", action, Instant.now());
    }

    private static Arrival image(String name, @Nullable String etag, String sequencer) {
        return new Arrival(
                new ManifestEntry("s3://in/" + name, etag, 7, "s3://out/" + name + ".png", null),
                sequencer);
    }

    private void arrived(Arrival... images) {
        driver.take(new TaskEvent.ImagesArrived("job", DIGEST, List.of(images)));
    }

    /** Lets time pass, after which a round through what arrived has been gone. */
    private void pass(Duration time) {
        driver.advance(time);
        driver.advance(Duration.ofSeconds(1));
    }

    private long kept() {
        return driver.store(Tracker.ARRIVAL_STORE).approximateNumEntries();
    }

    /** The names of the images of each task that was handed out since the last look. */
    private List<List<String>> tasks() {
        return driver.read(Topic.TRANSLATION_TASKS, TranslationTask.class).stream()
                .peek(task -> assertThat(task.images()).isEqualTo(task.entries().size()))
                .map(
                        task ->
                                task.entries().stream()
                                        .map(e -> e.uri().substring("s3://in/".length()))
                                        .toList())
                .toList();
    }
}
