package io.pix2pix.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.messaging.Delivery;
import io.pix2pix.messaging.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrackerTopologyTest {
    private final TrackerDriver driver = new TrackerDriver();

    private byte @Nullable [] last;

    @BeforeEach
    void submit() {
        driver.take(
                Events.submitted(), Events.planned(0), Events.planned(1), Events.planCompleted(2));
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void eachOutputReachesItsTopicUnderItsJobsKey() {
        assertThat(read(Topic.TRANSLATION_TASKS, TranslationTask.class))
                .extracting(TranslationTask::shard)
                .containsExactly(0, 1);
        driver.take(
                Events.completed(0, 1, 0), Events.completed(0, 1, 0), Events.completed(1, 1, 2));
        assertThat(read(Topic.TRANSLATION_RESULTS, TranslationResult.class)).hasSize(20);
        assertThat(driver.output(Topic.REPORT_TASKS).readKeyValuesToList()).hasSize(1);
        driver.take(Events.reported());
        List<JobStatus> statuses = read(Topic.JOB_STATUS, JobStatus.class);
        assertThat(statuses.get(statuses.size() - 1).state())
                .isEqualTo(JobStatus.State.COMPLETED_WITH_FAILURES);
    }

    @Test
    void aResultsCloudEventIdIsItsNameSoThatReadersCanDropRepeats() {
        driver.take(Events.completed(1, 1, 0));
        var record = driver.output(Topic.TRANSLATION_RESULTS).readRecord();
        assertThat(new String(header(record, "ce_id"), StandardCharsets.UTF_8))
                .isEqualTo("job/1/0");
        assertThat(new String(header(record, "ce_type"), StandardCharsets.UTF_8))
                .isEqualTo("io.pix2pix.TranslationResult");
    }

    @Test
    void anUnreadableEventIsADeadLetterAndTheNextOnesAreTaken() {
        driver.take("job", "{nonsense".getBytes(StandardCharsets.UTF_8));
        var letter = driver.output(Topic.DEAD_LETTERS).readRecord();
        assertThat(letter.value()).asString(StandardCharsets.UTF_8).isEqualTo("{nonsense");
        assertThat(new String(header(letter, "pix2pix_code"), StandardCharsets.UTF_8))
                .isEqualTo("UNREADABLE_EVENT");
        driver.take(Events.completed(0, 1, 0));
        assertThat(read(Topic.TRANSLATION_RESULTS, TranslationResult.class)).hasSize(10);
    }

    @Test
    void timeAloneBringsAFailedTaskBack() {
        driver.take(Events.failed(1, 1));
        driver.advance(Duration.ofSeconds(3));
        assertThat(read(Topic.TRANSLATION_TASKS, TranslationTask.class))
                .extracting(TranslationTask::attempt)
                .containsExactly(1, 1, 2);
    }

    @Test
    void aReportIsAskedForOnceWhileItsWriterTellsOfIt() {
        driver.take(Events.completed(0, 1, 0), Events.completed(1, 1, 0));
        for (int told = 0; told < 3; told++) {
            driver.advance(Duration.ofMinutes(4));
            driver.take(new TaskEvent.ReportProgress("job", 1, "w", Events.T0));
        }
        assertThat(driver.values(Topic.REPORT_TASKS)).hasSize(1);
        driver.advance(Duration.ofMinutes(6));
        driver.advance(Duration.ofSeconds(20)); // the backoff
        assertThat(driver.values(Topic.REPORT_TASKS)).hasSize(1);
    }

    /** A training's epoch before its plan is a bug of ours: so the fold throws. */
    @Test
    void anEventThatCannotBeTakenStopsNeitherItsJobNorTheOthers() {
        driver.take(
                new TaskEvent.TrainingSubmitted("t", "d", TrainingFoldTest.job("t"), Events.T0),
                new TaskEvent.PlanFailed("t", "d", 1, "w", Events.FAILURE),
                new TrainingEvent.EpochCompleted(
                        "t",
                        1,
                        2,
                        10,
                        new TrainingEvent.Losses(1, 1, 1, 1),
                        1,
                        1,
                        1,
                        null,
                        "w",
                        Events.T0));
        var letter = driver.output(Topic.DEAD_LETTERS).readRecord();
        assertThat(letter.key()).isEqualTo("t");
        assertThat(new String(header(letter, "pix2pix_code"), StandardCharsets.UTF_8))
                .isEqualTo("UNEXPECTED");
        driver.take(Events.completed(0, 1, 0));
        assertThat(read(Topic.TRANSLATION_RESULTS, TranslationResult.class)).hasSize(10);
        driver.advance(Duration.ofSeconds(20));
        assertThat(driver.output(Topic.TRAINING_JOBS).readValuesToList()).hasSize(1);
        driver.take(new TaskEvent.TrainingPlanned("t", "d", TrainingFoldTest.DATASET));
        assertThat(driver.output(Topic.TRAINING_TASKS).readValuesToList()).hasSize(1);
    }

    @Test
    void aDeadLetterIsNeverTooLargeToBePutAway() {
        byte[] large = "x".repeat(3 << 20).getBytes(StandardCharsets.UTF_8);
        driver.take("job", large);
        var letter = driver.output(Topic.DEAD_LETTERS).readRecord();
        assertThat(letter.value()).hasSize(1 << 20);
        assertThat(new String(header(letter, "pix2pix_bytes"), StandardCharsets.UTF_8))
                .isEqualTo(Integer.toString(3 << 20));
    }

    @Test
    void aPlanComesAgainAsASubmissionThatCountsItsAttempts() {
        driver.take(
                new TaskEvent.JobSubmitted("p", "d", Events.job("p", "s3://out/"), Events.T0),
                new TaskEvent.PlanFailed("p", "d", 1, "w", Events.FAILURE));
        driver.advance(Duration.ofSeconds(20));
        var record = driver.output(Topic.TRANSLATION_JOBS).readRecord();
        assertThat(Json.read(record.value(), TranslationJob.class))
                .isEqualTo(Events.job("p", "s3://out/"));
        assertThat(new String(header(record, Delivery.ATTEMPT), StandardCharsets.UTF_8))
                .isEqualTo("2");
    }

    @Test
    void aJobIsForgottenLongAfterItsEndAndItsNameIsFree() {
        driver.take(Events.completed(0, 1, 0), Events.completed(1, 1, 0), Events.reported());
        driver.advance(Duration.ofDays(29));
        driver.take(Events.submitted());
        assertThat(lastStatus()).isNotEmpty();
        driver.advance(Duration.ofDays(2));
        assertThat(lastStatus()).isNull();
        driver.take(Events.submitted());
        assertThat(Json.read(lastStatus(), JobStatus.class).state())
                .isEqualTo(JobStatus.State.PLANNING);
    }

    private byte @Nullable [] lastStatus() {
        var records = driver.output(Topic.JOB_STATUS).readRecordsToList();
        if (!records.isEmpty()) {
            last = records.get(records.size() - 1).value();
        }
        return last;
    }

    private static byte[] header(
            org.apache.kafka.streams.test.TestRecord<String, byte[]> record, String name) {
        return record.headers().lastHeader(name).value();
    }

    private <T> List<T> read(Topic topic, Class<T> type) {
        return driver.output(topic).readKeyValuesToList().stream()
                .peek(kv -> assertThat(kv.key).isEqualTo("job"))
                .map(kv -> Json.read(kv.value, type))
                .toList();
    }
}
