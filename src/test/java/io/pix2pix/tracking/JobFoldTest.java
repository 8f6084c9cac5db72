package io.pix2pix.tracking;

import static io.pix2pix.tracking.Events.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobFoldTest {
    private final JobFold fold = new JobFold(Tracking.DEFAULT);
    private final List<TranslationTask> tasks = new ArrayList<>();
    private final List<TranslationResult> results = new ArrayList<>();
    private final List<Output.Dead> dead = new ArrayList<>();
    private final List<Output.Plan> plans = new ArrayList<>();
    private int commands;
    private int reports;
    private @Nullable ReportTask reportTask;
    private @Nullable JobState state;
    private Instant now = T0;

    @Test
    void aJobRunsFromSubmissionToReport() {
        take(Events.submitted());
        assertThat(status().state()).isEqualTo(State.PLANNING);
        take(Events.planned(0), Events.planned(1));
        assertThat(status().state()).isEqualTo(State.RUNNING);
        take(Events.planCompleted(2), Events.started(0, 1));
        assertThat(status().tasksRunning()).isEqualTo(1);
        take(Events.completed(0, 1, 0), Events.completed(1, 1, 0));
        assertThat(status().state()).isEqualTo(State.REPORTING);
        assertThat(reports).isEqualTo(1);
        take(Events.reported());
        assertThat(status().state()).isEqualTo(State.SUCCEEDED);
        assertThat(status().images().succeeded()).isEqualTo(20);
        assertThat(status().deviceMillis()).isEqualTo(200);
        assertThat(results).hasSize(20);
    }

    @Test
    void oneFailedImageMakesTheJobCompleteWithFailures() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(1));
        take(Events.completed(0, 1, 1), Events.reported());
        assertThat(status().state()).isEqualTo(State.COMPLETED_WITH_FAILURES);
        assertThat(status().images().failed()).isEqualTo(1);
    }

    @Test
    void onlyAWindowOfTasksIsOut() {
        take(Events.submitted());
        for (int i = 0; i < 10; i++) {
            take(Events.planned(i));
        }
        assertThat(tasks).extracting(TranslationTask::shard).containsExactly(0, 1, 2, 3);
        take(Events.completed(2, 1, 0));
        assertThat(tasks).extracting(TranslationTask::shard).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void aFailedTaskComesAgainAfterItsBackoffWithTheNextNumber() {
        take(Events.submitted(), Events.planned(0), Events.failed(0, 1));
        assertThat(tasks).hasSize(1);
        tick(Duration.ofMillis(900));
        assertThat(tasks).hasSize(1);
        tick(Duration.ofMillis(200));
        assertThat(tasks).hasSize(2);
        assertThat(tasks.get(1).attempt()).isEqualTo(2);
        assertThat(tasks.get(1).lastFailure()).isEqualTo(Events.FAILURE);
        assertThat(status().attemptsFailed()).isEqualTo(1);
        take(Events.failed(0, 2));
        tick(Duration.ofMillis(1900));
        assertThat(tasks).hasSize(2);
        tick(Duration.ofMillis(200));
        assertThat(tasks.get(2).attempt()).isEqualTo(3);
    }

    @Test
    void aReturnedTaskComesAgainAtOnceAndCountsNoAttempt() {
        take(Events.submitted(), Events.planned(0), Events.started(0, 1), Events.returned(0, 1));
        assertThat(tasks).hasSize(2);
        assertThat(tasks.get(1).attempt()).isEqualTo(1);
        assertThat(status().attemptsFailed()).isZero();
    }

    @Test
    void aStartedTaskThatGoesSilentComesAgain() {
        take(Events.submitted(), Events.planned(0), Events.planned(1), Events.started(0, 1));
        tick(Duration.ofMinutes(4));
        take(Events.started(0, 1));
        tick(Duration.ofMinutes(4));
        assertThat(tasks).hasSize(2);
        tick(Duration.ofMinutes(2));
        tick(Duration.ofSeconds(2));
        assertThat(tasks).hasSize(3);
        assertThat(tasks.get(2).shard()).isZero();
        assertThat(tasks.get(2).attempt()).isEqualTo(2);
    }

    @Test
    void whatALateAttemptSaysAboutATaskHandedOutAgainIsIgnored() {
        take(Events.submitted(), Events.planned(0), Events.failed(0, 1));
        tick(Duration.ofSeconds(2));
        take(Events.failed(0, 1), Events.returned(0, 1));
        tick(Duration.ofSeconds(2));
        assertThat(tasks).hasSize(2);
        take(Events.completed(0, 1, 0), Events.completed(0, 2, 0));
        assertThat(results).hasSize(10);
    }

    @Test
    void aReportThatIsBeingWrittenIsNotAskedForAgainUntilItsWriterIsSilent() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(1));
        take(Events.completed(0, 1, 0));
        for (int told = 0; told < 5; told++) {
            tick(Duration.ofMinutes(4));
            take(reporting(1));
        }
        assertThat(reports).isEqualTo(1);
        assertThat(status().attemptsFailed()).isZero();
        tick(Duration.ofMinutes(6));
        tick(Duration.ofSeconds(20)); // the backoff
        assertThat(reports).isEqualTo(2);
        assertThat(reportTask.attempt()).isEqualTo(2);
    }

    @Test
    void whatAnAttemptAtTheReportSaidBeforeItFailedDoesNotHoldUpTheNext() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(1));
        take(Events.completed(0, 1, 0));
        take(new TaskEvent.ReportFailed("job", 1, Events.FAILURE), reporting(1));
        tick(Duration.ofSeconds(20)); // the backoff
        assertThat(reports).isEqualTo(2);
        tick(Duration.ofMinutes(4));
        take(reporting(1));
        tick(Duration.ofMinutes(2));
        tick(Duration.ofSeconds(40)); // the backoff
        assertThat(reports).isEqualTo(3);
    }

    private static TaskEvent reporting(int attempt) {
        return new TaskEvent.ReportProgress("job", attempt, "w", T0);
    }

    @Test
    void theReportIsAskedForAgainWhenNobodyWritesIt() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(1));
        take(Events.completed(0, 1, 0));
        tick(Duration.ofMinutes(4));
        assertThat(reports).isEqualTo(1);
        tick(Duration.ofMinutes(2));
        tick(Duration.ofSeconds(20)); // the backoff
        assertThat(reports).isEqualTo(2);
    }

    @Test
    void theSameSubmissionIsANoOpAndAnotherWithItsIdADeadLetter() {
        take(Events.submitted(), Events.submitted());
        assertThat(dead).isEmpty();
        var other = Events.job("job", "s3://elsewhere/");
        take(new TaskEvent.JobSubmitted("job", Json.digest(other), other, T0));
        assertThat(dead).hasSize(1);
        assertThat(dead.get(0).failure().code()).isEqualTo("JOB_ID_TAKEN");
        take(new TaskEvent.ShardPlanned("job", Json.digest(other), 0, 10));
        assertThat(status().tasks()).isZero();
    }

    @Test
    void aRejectedJobEndsFailedWithItsMessage() {
        take(Events.submitted());
        take(
                new TaskEvent.JobRejected(
                        "job", JobStatus.Kind.TRANSLATION, Events.DIGEST, Events.FAILURE));
        assertThat(status().state()).isEqualTo(State.FAILED);
        assertThat(status().message()).isEqualTo("no S3");
        assertThat(status().finishedAt()).isNotNull();
    }

    @Test
    void aPausedJobHandsOutNothingUntilItIsResumed() {
        take(Events.submitted(), Events.planned(0), command(Action.PAUSE), Events.planned(1));
        assertThat(status().state()).isEqualTo(State.PAUSED);
        take(Events.returned(0, 1));
        tick(Duration.ofSeconds(5));
        assertThat(tasks).hasSize(1);
        take(command(Action.RESUME));
        assertThat(tasks).extracting(TranslationTask::shard).containsExactly(0, 0, 1);
    }

    @Test
    void aCancelledJobWaitsForItsWorkersAndItsReportSaysWhatWasNotDone() {
        take(Events.submitted());
        for (int shard = 0; shard < 6; shard++) {
            take(Events.planned(shard));
        }
        take(Events.completed(0, 1, 0), Events.started(1, 1), Events.started(2, 1));
        take(command(Action.CANCEL), Events.planned(6), Events.completed(1, 1, 0));
        assertThat(status().state()).isEqualTo(State.CANCELLING);
        assertThat(reports).isZero();
        take(Events.returned(2, 1));
        assertThat(reportTask.notDone()).containsExactly(2, 3, 4, 5);
        assertThat(reportTask.images()).isEqualTo(60);
        assertThat(reportTask.cancelled()).isTrue();
        assertThat(reportTask.planned()).isFalse();
        int handedOut = tasks.size();
        // What comes later is in neither the results nor the report.
        take(Events.completed(3, 1, 0), command(Action.RESUME), Events.reported());
        tick(Duration.ofMinutes(30));
        assertThat(status().state()).isEqualTo(State.CANCELLED);
        assertThat(status().report()).isEqualTo("s3://out/report.json");
        assertThat(results).hasSize(20);
        assertThat(tasks).hasSize(handedOut);
        assertThat(reports).isEqualTo(1);
    }

    @Test
    void aCancelledJobDoesNotWaitForAWorkerThatSaysNothing() {
        take(Events.submitted(), Events.planned(0), Events.started(0, 1), command(Action.CANCEL));
        tick(Duration.ofSeconds(5));
        assertThat(reports).isZero();
        tick(Duration.ofSeconds(6));
        assertThat(reports).isEqualTo(1);
    }

    @Test
    void aCancelledJobEndsWithoutItsReportWhenThatCannotBeWritten() {
        take(Events.submitted(), command(Action.CANCEL));
        assertThat(reports).isEqualTo(1);
        take(new TaskEvent.ReportFailed("job", 1, Events.FAILURE));
        assertThat(status().state()).isEqualTo(State.CANCELLING);
        tick(Duration.ofSeconds(17));
        assertThat(reportTask.attempt()).isEqualTo(2);
        Failure last = Failure.permanent(Stage.TASK, "STORAGE_UNAVAILABLE", "no S3");
        take(new TaskEvent.ReportFailed("job", 2, last));
        assertThat(status().state()).isEqualTo(State.CANCELLED);
        assertThat(status().report()).isNull();
        assertThat(status().message()).contains("the report could not be written: no S3");
    }

    @Test
    void aReportThatCannotBeWrittenFailsItsJobInTheEnd() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(1));
        take(Events.completed(0, 1, 0));
        Failure last = Failure.permanent(Stage.TASK, "ACCESS_DENIED", "no");
        take(new TaskEvent.ReportFailed("job", 1, last));
        assertThat(status().state()).isEqualTo(State.FAILED);
        assertThat(status().message()).contains("All images are done, but the report");
    }

    @Test
    void whatNobodyHeardOfIsADeadLetter() {
        take(Events.completed(0, 1, 0));
        assertThat(dead)
                .singleElement()
                .satisfies(d -> assertThat(d.failure().code()).isEqualTo("NO_SUCH_JOB"));
    }

    @Test
    void aPlanThatFailsComesAgainAfterItsBackoffAndOneHandedBackAtOnce() {
        take(Events.submitted(), new TaskEvent.PlanReturned("job", Events.DIGEST, 1, "w"));
        tick(Duration.ofSeconds(1));
        assertThat(plans).extracting(Output.Plan::attempt).containsExactly(1);
        take(new TaskEvent.PlanFailed("job", Events.DIGEST, 1, "w", Events.FAILURE));
        tick(Duration.ofSeconds(15));
        assertThat(plans).hasSize(1);
        tick(Duration.ofSeconds(2));
        assertThat(plans).extracting(Output.Plan::attempt).containsExactly(1, 2);
        take(Events.planned(0), Events.planCompleted(1));
        take(new TaskEvent.PlanFailed("job", Events.DIGEST, 2, "w", Events.FAILURE));
        tick(Duration.ofHours(5));
        assertThat(plans).hasSize(2);
    }

    /** The broker drops a submission after five planners died over it. */
    @Test
    void aPlannerThatGoesSilentIsReplacedAlsoWhileTheJobIsPaused() {
        take(Events.submitted(), planning(5), Events.planned(0), command(Action.PAUSE));
        tick(Duration.ofMinutes(4));
        take(planning(5));
        tick(Duration.ofMinutes(4));
        assertThat(plans).isEmpty();
        tick(Duration.ofMinutes(2));
        assertThat(plans).extracting(Output.Plan::attempt).containsExactly(6);
        // It may wait in its queue for long; that is no death.
        tick(Duration.ofMinutes(50));
        assertThat(plans).hasSize(1);
        tick(Duration.ofMinutes(15));
        assertThat(plans).extracting(Output.Plan::attempt).containsExactly(6, 6);
    }

    @Test
    void aPlanThatKillsEveryPlannerEndsItsJob() {
        take(Events.submitted());
        for (int i = 0; i < 100 && !status().state().isTerminal(); i++) {
            tick(Duration.ofMinutes(6));
            take(planning(1));
        }
        assertThat(status().state()).isEqualTo(State.FAILED);
        assertThat(status().failure().code()).isEqualTo("ATTEMPTS_EXHAUSTED");
        assertThat(plans).hasSize(19);
    }

    @Test
    void aPlanIsCompleteOnlyWithAllItsShards() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(2));
        take(Events.completed(0, 1, 0));
        assertThat(status().state()).isEqualTo(State.RUNNING);
        assertThat(status().planned()).isFalse();
    }

    @Test
    void theStatusNamesWorkersAndWhatWasWasted() {
        take(Events.submitted(), Events.planned(0), Events.planned(1), Events.planned(2));
        take(progress(0, 1, "b", 500), progress(1, 1, "a", 10), progress(2, 1, "a", 0));
        assertThat(status().workers()).containsExactly("a", "b");
        // b died, and the broker gave its task to c.
        take(progress(0, 2, "c", 5));
        assertThat(status().workers()).containsExactly("a", "c");
        assertThat(status().wastedMillis()).isEqualTo(500);
        take(Events.returned(1, 1), Events.failed(2, 1));
        assertThat(status().wastedMillis()).isEqualTo(500 + 20 + 30);
        take(Events.completed(0, 2, 0), Events.completed(0, 1, 0));
        assertThat(status().deviceMillis()).isEqualTo(100);
        assertThat(status().wastedMillis()).isEqualTo(550 + 100);
    }

    @Test
    void everyStatusIsYoungerThanTheOneBefore() {
        take(Events.submitted());
        Instant first = status().updatedAt();
        now = now.minusSeconds(100); // another tracker's clock
        take(Events.planned(0));
        assertThat(status().updatedAt()).isAfter(first);
    }

    @Test
    void aMillionImagesAreKilobytesOfState() {
        take(Events.submitted());
        for (int i = 0; i < 4000; i++) {
            take(Events.planned(i));
        }
        Random order = new Random(3);
        while (status().tasksDone() < 3996) {
            TranslationTask task = tasks.remove(order.nextInt(tasks.size()));
            take(Events.completed(task.shard(), 1, 0));
        }
        assertThat(Json.write(state == null ? "" : state).length).isLessThan(8000);
    }

    /**
     * Whatever the order of deaths, repeats and late messages: every shard's results come out once
     * and the job ends.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyImageComesOutOnceWhateverHappensToTheWorkers(long seed) {
        Random random = new Random(seed);
        int shards = 30;
        List<TaskEvent> said = new ArrayList<>();
        take(Events.submitted());
        int planned = 0;
        int turns = 0;
        while (state == null || !state.state.isTerminal()) {
            assertThat(turns++).as("turns, seed %d", seed).isLessThan(20_000);
            if (planned < shards && random.nextInt(3) == 0) {
                take(Events.planned(planned++));
                if (planned == shards) {
                    take(Events.planCompleted(shards));
                }
            }
            if (!tasks.isEmpty()) {
                TranslationTask task = tasks.remove(random.nextInt(tasks.size()));
                TaskEvent event =
                        switch (random.nextInt(5)) {
                            case 0 -> Events.failed(task.shard(), task.attempt());
                            case 1 -> Events.returned(task.shard(), task.attempt());
                            case 2 -> Events.started(task.shard(), task.attempt());
                            default -> Events.completed(task.shard(), task.attempt(), 0);
                        };
                said.add(event);
                take(event);
            }
            if (!said.isEmpty() && random.nextInt(3) == 0) {
                take(said.get(random.nextInt(said.size())));
            }
            tick(Duration.ofSeconds(random.nextInt(120)));
            if (reports > 0) {
                take(Events.reported());
            }
        }
        Set<String> names = new HashSet<>();
        for (TranslationResult r : results) {
            assertThat(names.add(r.shard() + "/" + r.index())).isTrue();
        }
        assertThat(names).hasSize(shards * 10);
        assertThat(status().images().done()).isEqualTo(shards * 10L);
    }

    private TaskEvent command(Action action) {
        return new TaskEvent.CommandReceived("job", action, T0.plusMillis(commands++));
    }

    private static TaskEvent planning(int attempt) {
        return new TaskEvent.PlanProgress("job", Events.DIGEST, attempt, "w", T0);
    }

    private static TaskEvent progress(int shard, int attempt, String worker, long deviceMillis) {
        return new TaskEvent.TaskProgress("job", shard, attempt, worker, 0, deviceMillis, T0);
    }

    private JobStatus status() {
        if (state == null) {
            throw new AssertionError("no job");
        }
        return state.status();
    }

    /** Every step goes through the store's JSON, as after a restart. */
    private void take(TaskEvent... events) {
        for (TaskEvent event : events) {
            note(fold.apply(reloaded(), event, now));
        }
    }

    private void tick(Duration passed) {
        now = now.plus(passed);
        JobState reloaded = reloaded();
        if (reloaded != null) {
            note(fold.tick(reloaded, now));
        }
    }

    private @Nullable JobState reloaded() {
        return state == null ? null : Json.read(Json.write(state), JobState.class);
    }

    private void note(Fold.Step<JobState> step) {
        if (step.changed()) {
            state = step.state();
        }
        for (Output output : step.outputs()) {
            if (output instanceof Output.Task o) {
                tasks.add(o.task());
            } else if (output instanceof Output.Result o) {
                results.add(o.result());
            } else if (output instanceof Output.Plan o) {
                plans.add(o);
            } else if (output instanceof Output.Report o) {
                reports++;
                reportTask = o.task();
            } else if (output instanceof Output.Dead o) {
                dead.add(o);
            }
        }
    }
}
