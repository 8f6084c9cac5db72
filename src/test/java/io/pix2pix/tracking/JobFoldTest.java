package io.pix2pix.tracking;

import static io.pix2pix.tracking.Events.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
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
    private int reports;
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
    void theReportIsAskedForAgainWhenNobodyWritesIt() {
        take(Events.submitted(), Events.planned(0), Events.planCompleted(1));
        take(Events.completed(0, 1, 0));
        tick(Duration.ofMinutes(4));
        assertThat(reports).isEqualTo(1);
        tick(Duration.ofMinutes(2));
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
    void cancellingIsFinalAndCommandsForUnknownJobsHarmNothing() {
        take(command(Action.CANCEL));
        assertThat(dead).hasSize(1);
        take(Events.submitted(), Events.planned(0), command(Action.CANCEL));
        take(command(Action.RESUME), Events.completed(0, 1, 0));
        assertThat(status().state()).isEqualTo(State.CANCELLED);
        assertThat(results).isEmpty();
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

    private static TaskEvent command(Action action) {
        return new TaskEvent.CommandReceived("job", action, T0);
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

    private void note(JobFold.Step step) {
        if (step.changed()) {
            state = step.state();
        }
        for (Output output : step.outputs()) {
            if (output instanceof Output.Task o) {
                tasks.add(o.task());
            } else if (output instanceof Output.Result o) {
                results.add(o.result());
            } else if (output instanceof Output.Report) {
                reports++;
            } else if (output instanceof Output.Dead o) {
                dead.add(o);
            }
        }
    }
}
