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
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
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

    private final TopologyTestDriver driver =
            new TopologyTestDriver(
                    Tracker.topology("p.", Tracking.DEFAULT, new TrackerMetrics(() -> true)),
                    new Properties(),
                    Events.T0);
    private final TestInputTopic<String, byte[]> events =
            driver.createInputTopic(
                    "p.task-events", new StringSerializer(), new ByteArraySerializer());

    @BeforeEach
    void submit() {
        take(new TaskEvent.JobSubmitted("job", DIGEST, JOB, Events.T0));
        take(new TaskEvent.Following("job", DIGEST));
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
        driver.advanceWallClockTime(Duration.ofSeconds(1));
        assertThat(tasks()).isEmpty();
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        assertThat(tasks()).containsExactly(List.of("d"));
    }

    @Test
    void aNotificationThatComesAgainIsKnownAlsoWhenItsTaskIsDone() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("a", "1", ""));
        arrived(image("b", "1", ""), image("c", "1", ""));
        assertThat(tasks()).containsExactly(List.of("a", "b", "c"));
        take(new TaskEvent.TaskCompleted("job", 0, 1, "w", 5, List.of()));
        arrived(image("c", "1", ""), image("a", "1", ""));
        driver.advanceWallClockTime(Duration.ofSeconds(10));
        assertThat(tasks()).isEmpty();
    }

    @Test
    void anObjectThatIsWrittenAgainIsTranslatedAgainButNotForItsOlderVersion() {
        arrived(image("a", "new", "00A1"), image("a", "old", "0099"), image("a", "newer", "00A1F"));
        arrived(image("a", "new", "00A1"), image("a", "newer", "00A1F"));
        driver.advanceWallClockTime(Duration.ofSeconds(3));
        assertThat(tasks()).containsExactly(List.of("a", "a"));
    }

    @Test
    void aTaskThatFailedComesAgainWithItsImages() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""));
        assertThat(tasks()).hasSize(1);
        take(new TaskEvent.TaskFailed("job", 0, 1, "w", 0, Events.FAILURE));
        driver.advanceWallClockTime(Duration.ofSeconds(3));
        assertThat(tasks()).containsExactly(List.of("a", "b", "c"));
    }

    @Test
    void aPausedJobCollectsWhatArrives() {
        take(command(JobCommand.Action.PAUSE));
        arrived(image("a", "1", ""));
        driver.advanceWallClockTime(Duration.ofSeconds(3));
        assertThat(tasks()).isEmpty();
        take(command(JobCommand.Action.RESUME));
        assertThat(tasks()).containsExactly(List.of("a"));
    }

    @Test
    void aCancelledJobsReportKnowsWhatArrivedAndWasNotDone() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""), image("d", "1", ""));
        assertThat(tasks()).hasSize(1);
        take(command(JobCommand.Action.CANCEL));
        ReportTask report = Json.read(values(Topic.REPORT_TASKS).get(0), ReportTask.class);
        assertThat(report.images()).isEqualTo(4);
        assertThat(report.notDone()).containsExactly(0, 1);
        take(new TaskEvent.ReportWritten("job", "s3://out/report.json"));
        List<byte[]> statuses = values(Topic.JOB_STATUS);
        JobStatus last = Json.read(statuses.get(statuses.size() - 1), JobStatus.class);
        assertThat(last.state()).isEqualTo(JobStatus.State.CANCELLED);
        assertThat(driver.getKeyValueStore(Tracker.ARRIVAL_STORE).all().hasNext()).isFalse();
        arrived(image("e", "1", ""));
        driver.advanceWallClockTime(Duration.ofSeconds(3));
        assertThat(tasks()).isEmpty();
    }

    @Test
    void aStandingJobIsNotPlannedAgainAndDoesNotEnd() {
        arrived(image("a", "1", ""), image("b", "1", ""), image("c", "1", ""));
        take(new TaskEvent.TaskCompleted("job", 0, 1, "w", 5, List.of()));
        driver.advanceWallClockTime(Duration.ofDays(3));
        assertThat(values(Topic.TRANSLATION_JOBS)).isEmpty();
        assertThat(values(Topic.REPORT_TASKS)).isEmpty();
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
        take(new TaskEvent.ImagesArrived("job", DIGEST, List.of(images)));
    }

    private void take(TaskEvent event) {
        events.pipeInput(event.jobId(), Json.write(event));
    }

    /** The names of the images of each task that was handed out since the last look. */
    private List<List<String>> tasks() {
        return values(Topic.TRANSLATION_TASKS).stream()
                .map(value -> Json.read(value, TranslationTask.class))
                .peek(task -> assertThat(task.images()).isEqualTo(task.entries().size()))
                .map(
                        task ->
                                task.entries().stream()
                                        .map(e -> e.uri().substring("s3://in/".length()))
                                        .toList())
                .toList();
    }

    private List<byte[]> values(Topic topic) {
        return driver.createOutputTopic(
                        topic.named("p."), new StringDeserializer(), new ByteArrayDeserializer())
                .readValuesToList();
    }
}
