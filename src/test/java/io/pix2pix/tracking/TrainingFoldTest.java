package io.pix2pix.tracking;

import static io.pix2pix.tracking.Events.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.DatasetSummary;
import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.messaging.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Through the real topology, so that each output is seen where users and workers see it. */
class TrainingFoldTest {
    private static final TrainingJob JOB = job("t");
    static final DatasetSummary DATASET = new DatasetSummary(100, 100, "f", 0);
    private static final String DIGEST = Json.digest(JOB);

    private final TrackerDriver driver = new TrackerDriver();
    private @Nullable JobStatus last;
    private int commands;

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void aJobRunsFromSubmissionToItsGenerator() {
        driver.take(submitted(JOB));
        assertThat(status().state()).isEqualTo(State.PLANNING);
        driver.take(planned());
        TrainingTask task = theTask();
        assertThat(task.checkpoint()).isNull();
        assertThat(task.attempt()).isEqualTo(1);
        driver.take(progress(0, 1, 30), epoch(1), checkpoint("c1/", 100, true));
        assertThat(status().training().checkpoint()).isEqualTo("s3://m/c1/");
        assertThat(status().training().bestCheckpoint()).isEqualTo("s3://m/c1/");
        assertThat(status().training().steps()).isEqualTo(100 * 200);
        assertThat(status().tasksRunning()).isEqualTo(1);
        driver.take(epoch(2), completed());
        assertThat(status().state()).isEqualTo(State.SUCCEEDED);
        assertThat(status().training().generator()).isEqualTo("s3://m/generator.pt");
        assertThat(trainingEvents()).hasSize(4);
        assertThat(tasks()).isEmpty();
    }

    @Test
    void whatAWorkerRepeatsAfterACrashIsToldOnce() {
        driver.take(submitted(JOB), planned(), epoch(1), epoch(2), checkpoint("c2/", 200, false));
        driver.take(planned(), epoch(1), epoch(2), checkpoint("c2/", 200, false), epoch(3));
        assertThat(trainingEvents())
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly(
                        "EpochCompleted",
                        "EpochCompleted",
                        "CheckpointPublished",
                        "EpochCompleted");
        assertThat(tasks()).hasSize(1);
    }

    @Test
    void aJobHandedBackGoesOnFromItsCheckpointWithoutAnAttemptLost() {
        driver.take(submitted(JOB), planned(), progress(0, 1, 5), checkpoint("c1/", 50, false));
        tasks();
        driver.take(new TaskEvent.SliceReturned("t", 0, 1, "w"));
        TrainingTask task = theTask();
        assertThat(task.slice()).isEqualTo(1);
        assertThat(task.attempt()).isEqualTo(1);
        assertThat(task.checkpoint()).isEqualTo("s3://m/c1/");
        driver.take(new TaskEvent.SliceReturned("t", 0, 1, "w"));
        assertThat(tasks()).describedAs("an old slice's message").isEmpty();
    }

    @Test
    void aFailedAttemptIsRepeatedAfterItsBackoffAndCountsUnlessSomethingWasGained() {
        driver.take(submitted(JOB), planned());
        tasks();
        driver.take(failed(0, 1));
        assertThat(tasks()).isEmpty();
        driver.advance(Duration.ofSeconds(40));
        assertThat(theTask().attempt()).isEqualTo(2);
        driver.take(checkpoint("c1/", 50, false), failed(1, 2));
        driver.advance(Duration.ofSeconds(40));
        TrainingTask task = theTask();
        assertThat(task.attempt()).isEqualTo(1);
        assertThat(task.lastFailure()).isEqualTo(Events.FAILURE);
        assertThat(status().attemptsFailed()).isEqualTo(2);
    }

    @Test
    void aWorkerThatGoesSilentIsReplaced() {
        driver.take(submitted(JOB), planned(), progress(0, 1, 5));
        tasks();
        driver.advance(Duration.ofMinutes(4));
        assertThat(tasks()).isEmpty();
        driver.advance(Duration.ofMinutes(2));
        driver.advance(Duration.ofSeconds(40)); // the backoff
        assertThat(theTask().attempt()).isEqualTo(2);
    }

    @Test
    void aPausedJobIsHandedOutOnlyAfterItsResume() {
        driver.take(submitted(JOB), command(Action.PAUSE), planned());
        assertThat(status().state()).isEqualTo(State.PAUSED);
        assertThat(tasks()).isEmpty();
        driver.take(command(Action.RESUME));
        assertThat(tasks()).hasSize(1);
        driver.take(command(Action.PAUSE), new TaskEvent.SliceReturned("t", 0, 1, "w"));
        driver.advance(Duration.ofMinutes(10));
        assertThat(tasks()).isEmpty();
        driver.take(command(Action.RESUME), command(Action.RESUME));
        assertThat(theTask().checkpoint()).isNull();
    }

    @Test
    void cancellingIsForGood() {
        driver.take(submitted(JOB), planned(), command(Action.CANCEL));
        assertThat(status().state()).isEqualTo(State.CANCELLED);
        driver.take(command(Action.RESUME), epoch(1), completed());
        driver.advance(Duration.ofMinutes(10));
        assertThat(status().state()).isEqualTo(State.CANCELLED);
        assertThat(trainingEvents()).isEmpty();
    }

    @Test
    void aJobThatCannotBeDoneSaysWhy() {
        driver.take(
                submitted(JOB),
                new TaskEvent.JobRejected("t", JobStatus.Kind.TRAINING, DIGEST, Events.FAILURE));
        assertThat(status().state()).isEqualTo(State.FAILED);
        assertThat(status().failure()).isEqualTo(Events.FAILURE);
        assertThat(tasks()).isEmpty();
    }

    @Test
    void aRecordThatIsNoTrainingJobIsOneThatFailed() {
        driver.take(
                new TaskEvent.JobRejected("t", JobStatus.Kind.TRAINING, "other", Events.FAILURE));
        assertThat(status().kind()).isEqualTo(JobStatus.Kind.TRAINING);
        assertThat(status().state()).isEqualTo(State.FAILED);
    }

    @Test
    void translationsAndTrainingsShareTheirNames() {
        driver.take(Events.submitted(), submitted(job("job")), submitted(JOB));
        driver.take(new TaskEvent.JobSubmitted("t", "d", Events.JOB, T0));
        var letters = driver.output(Topic.DEAD_LETTERS).readRecordsToList();
        assertThat(letters)
                .extracting(
                        r ->
                                new String(
                                        r.headers().lastHeader("pix2pix_code").value(),
                                        StandardCharsets.UTF_8))
                .containsExactly("JOB_ID_TAKEN", "JOB_ID_TAKEN");
    }

    static TrainingJob job(String jobId) {
        String json =
                """
                {"jobId": "%s", "dataset": {"uri": "s3://d/"}, "output": {"uri": "s3://m/"}}
                """
                        .formatted(jobId);
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }

    private static TaskEvent submitted(TrainingJob job) {
        return new TaskEvent.TrainingSubmitted(job.jobId(), Json.digest(job), job, T0);
    }

    private static TaskEvent planned() {
        return new TaskEvent.TrainingPlanned("t", DIGEST, DATASET);
    }

    private static TaskEvent progress(int slice, int attempt, long step) {
        return new TaskEvent.SliceProgress("t", slice, attempt, "w", 0, step, T0);
    }

    private static TaskEvent epoch(int epoch) {
        return new TrainingEvent.EpochCompleted(
                "t",
                epoch,
                200,
                epoch * 100L,
                new TrainingEvent.Losses(1, 1, 1, 1),
                2e-4,
                2,
                0.9,
                null,
                "w",
                T0);
    }

    private static TaskEvent checkpoint(String name, long step, boolean best) {
        return new TrainingEvent.CheckpointPublished("t", "s3://m/" + name, 0, step, best, "w", T0);
    }

    private static TaskEvent failed(int slice, int attempt) {
        return new TaskEvent.SliceFailed("t", slice, attempt, "w", Events.FAILURE);
    }

    private TaskEvent command(Action action) {
        return new TaskEvent.CommandReceived("t", action, T0.plusMillis(commands++));
    }

    private static TaskEvent completed() {
        return completed("t");
    }

    static TaskEvent completed(String jobId) {
        return new TrainingEvent.TrainingCompleted(
                jobId, "s3://m/generator.pt", "s3://m/c/", null, 2, 200, false, null, "w", T0);
    }

    private TrainingTask theTask() {
        List<TrainingTask> tasks = tasks();
        assertThat(tasks).hasSize(1);
        return tasks.get(0);
    }

    /** Those handed out since this was asked last. */
    private List<TrainingTask> tasks() {
        return driver.read(Topic.TRAINING_TASKS, TrainingTask.class);
    }

    private List<TrainingEvent> trainingEvents() {
        return driver.read(Topic.TRAINING_EVENTS, TaskEvent.class).stream()
                .map(event -> (TrainingEvent) event)
                .toList();
    }

    private JobStatus status() {
        for (JobStatus status : driver.read(Topic.JOB_STATUS, JobStatus.class)) {
            last = status;
        }
        return Objects.requireNonNull(last, "no status yet");
    }
}
