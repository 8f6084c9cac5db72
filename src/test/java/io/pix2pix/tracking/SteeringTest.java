package io.pix2pix.tracking;

import static io.pix2pix.event.JobCommand.Action.CANCEL;
import static io.pix2pix.event.JobCommand.Action.PAUSE;
import static io.pix2pix.event.JobCommand.Action.RESUME;
import static io.pix2pix.event.JobStatus.Outcome.APPLIED;
import static io.pix2pix.event.JobStatus.Outcome.REPEATED;
import static io.pix2pix.event.JobStatus.Outcome.TOO_LATE;
import static io.pix2pix.event.JobStatus.Outcome.WAITING;
import static io.pix2pix.tracking.Events.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.JobStatus.Outcome;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.CommandReceived;
import io.pix2pix.messaging.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands in every state of both kinds of job, in any order, through the real topology. */
class SteeringTest {
    private final TrackerDriver driver = new TrackerDriver();
    private final Map<String, JobStatus> statuses = new HashMap<>();

    @AfterEach
    void close() {
        driver.close();
    }

    /** A state, and what each command does to a job in it. */
    private record Row(State state, Map<Action, Expected> expected) {}

    private record Expected(State state, Outcome outcome) {}

    private static Row row(
            State state, State c, Outcome co, State p, Outcome po, State r, Outcome ro) {
        Map<Action, Expected> expected = new LinkedHashMap<>();
        expected.put(CANCEL, new Expected(c, co));
        expected.put(PAUSE, new Expected(p, po));
        expected.put(RESUME, new Expected(r, ro));
        return new Row(state, expected);
    }

    private static Row unmoved(State s, Outcome cancel, Outcome pause, Outcome resume) {
        return row(s, s, cancel, s, pause, s, resume);
    }

    private static List<Row> table(Kind kind) {
        State end = kind == Kind.TRANSLATION ? State.CANCELLING : State.CANCELLED;
        List<Row> table =
                new ArrayList<>(
                        List.of(
                                row(
                                        State.PLANNING,
                                        end,
                                        APPLIED,
                                        State.PAUSED,
                                        APPLIED,
                                        State.PLANNING,
                                        REPEATED),
                                row(
                                        State.RUNNING,
                                        end,
                                        APPLIED,
                                        State.PAUSED,
                                        APPLIED,
                                        State.RUNNING,
                                        REPEATED),
                                row(
                                        State.PAUSED,
                                        end,
                                        APPLIED,
                                        State.PAUSED,
                                        REPEATED,
                                        State.RUNNING,
                                        APPLIED),
                                unmoved(State.CANCELLED, REPEATED, TOO_LATE, TOO_LATE),
                                unmoved(State.SUCCEEDED, TOO_LATE, TOO_LATE, TOO_LATE),
                                unmoved(State.FAILED, TOO_LATE, TOO_LATE, TOO_LATE),
                                unmoved(State.UNKNOWN, WAITING, WAITING, WAITING)));
        if (kind == Kind.TRANSLATION) {
            table.add(unmoved(State.REPORTING, TOO_LATE, TOO_LATE, TOO_LATE));
            table.add(unmoved(State.CANCELLING, REPEATED, TOO_LATE, TOO_LATE));
            table.add(unmoved(State.COMPLETED_WITH_FAILURES, TOO_LATE, TOO_LATE, TOO_LATE));
        }
        return table;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyCommandInEveryStateDoesWhatItSays(Kind kind) {
        List<State> tried = new ArrayList<>();
        for (Row row : table(kind)) {
            tried.add(row.state());
            row.expected()
                    .forEach(
                            (action, expected) -> {
                                String id = row.state() + "-" + action;
                                Job job = new Job(kind, id);
                                bring(job, row.state());
                                JobStatus before = status(id);
                                driver.take(new CommandReceived(id, action, T0.plusSeconds(9)));
                                check(id, row.state(), action, before, expected);
                            });
        }
        List<State> ofTrainings =
                Stream.of(State.values())
                        .filter(s -> s != State.REPORTING && s != State.CANCELLING)
                        .filter(s -> s != State.COMPLETED_WITH_FAILURES)
                        .toList();
        assertThat(tried)
                .containsExactlyInAnyOrderElementsOf(
                        kind == Kind.TRANSLATION ? List.of(State.values()) : ofTrainings);
    }

    private void check(
            String id, State from, Action action, @Nullable JobStatus before, Expected expected) {
        JobStatus after = status(id);
        assertThat(after).describedAs(id).isNotNull();
        assertThat(after.state()).describedAs(id).isEqualTo(expected.state());
        assertThat(after.lastCommand().action()).isEqualTo(action);
        assertThat(after.lastCommand().outcome()).describedAs(id).isEqualTo(expected.outcome());
        assertThat(after.lastCommand().at()).isEqualTo(T0.plusSeconds(9));
        assertThat(after.lastCommand().message()).isNotBlank();
        if (before != null && from.isTerminal()) {
            assertThat(after)
                    .usingRecursiveComparison()
                    .ignoringFields("lastCommand", "updatedAt")
                    .isEqualTo(before);
        }
        // The same command over again, as a queue may bring it, is no second command.
        driver.take(new CommandReceived(id, action, T0.plusSeconds(9)));
        assertThat(status(id)).isEqualTo(after);
    }

    /**
     * Three commands before, around and after the submission, written in one order and arriving in
     * any: what counts is the order in which they were written, and a cancel counts always.
     */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void theOrderOfArrivalDoesNotMatter(Kind kind) {
        int tried = 0;
        for (List<Action> written : words(3)) {
            for (List<Integer> arrival : permutations(3)) {
                for (int submitted = 0; submitted <= 3; submitted++) {
                    String id = "j" + tried++;
                    for (int i = 0; i < 3; i++) {
                        if (i == submitted) {
                            driver.take(new Job(kind, id).submitted());
                        }
                        int which = arrival.get(i);
                        Instant at = T0.plusMillis(which);
                        driver.take(new CommandReceived(id, written.get(which), at));
                    }
                    if (submitted == 3) {
                        driver.take(new Job(kind, id).submitted());
                    }
                    assertThat(status(id).state())
                            .describedAs(
                                    "%s written, arriving %s, submitted at %d",
                                    written, arrival, submitted)
                            .isEqualTo(model(kind, written));
                }
            }
        }
        assertThat(tried).isEqualTo(27 * 6 * 4);
    }

    private static State model(Kind kind, List<Action> written) {
        if (written.contains(CANCEL)) {
            return kind == Kind.TRANSLATION ? State.CANCELLING : State.CANCELLED;
        }
        return written.get(written.size() - 1) == PAUSE ? State.PAUSED : State.PLANNING;
    }

    @Test
    void aCommandForNoJobIsAnsweredAndForgottenAfterAWhile() {
        driver.take(new CommandReceived("late", PAUSE, T0));
        assertThat(status("late").state()).isEqualTo(State.UNKNOWN);
        assertThat(status("late").kind()).isNull();
        assertThat(status("late").message()).contains("there is no job late");
        driver.advance(WaitingCommands.KEPT.minusMinutes(1));
        assertThat(status("late").state()).isEqualTo(State.UNKNOWN);
        driver.advance(Duration.ofMinutes(12));
        assertThat(status("late")).isNull();
        driver.take(new Job(Kind.TRANSLATION, "late").submitted());
        assertThat(status("late").state()).isEqualTo(State.PLANNING);
    }

    @Test
    void commandsForNoJobAreBoundedAndTheOldestGoFirst() {
        for (int i = 0; i <= WaitingCommands.MOST; i++) {
            driver.advance(Duration.ofMillis(1));
            driver.take(new CommandReceived("none-" + i, CANCEL, T0));
        }
        assertThat(status("none-0")).isNull();
        assertThat(status("none-1").state()).isEqualTo(State.UNKNOWN);
        driver.take(new Job(Kind.TRANSLATION, "none-0").submitted());
        assertThat(status("none-0").state()).isEqualTo(State.PLANNING);
        driver.take(new Job(Kind.TRAINING, "none-1").submitted());
        assertThat(status("none-1").state()).isEqualTo(State.CANCELLED);
    }

    /** The events of a job of one kind. */
    private record Job(Kind kind, String id) {
        TaskEvent submitted() {
            return kind == Kind.TRANSLATION
                    ? new TaskEvent.JobSubmitted(id, "d", Events.job(id, "s3://out/"), T0)
                    : new TaskEvent.TrainingSubmitted(id, "d", TrainingFoldTest.job(id), T0);
        }

        TaskEvent rejected() {
            return new TaskEvent.JobRejected(id, kind, "d", Events.FAILURE);
        }

        List<TaskEvent> planned() {
            return kind == Kind.TRANSLATION
                    ? List.of(
                            new TaskEvent.ShardPlanned(id, "d", 0, 10),
                            new TaskEvent.PlanCompleted(id, "d", 1, 10))
                    : List.of(new TaskEvent.TrainingPlanned(id, "d", TrainingFoldTest.DATASET));
        }

        List<TaskEvent> done(int failed) {
            return kind == Kind.TRANSLATION
                    ? List.of(Events.completed(id, 0, 1, failed))
                    : List.of(TrainingFoldTest.completed(id));
        }

        TaskEvent reported() {
            return new TaskEvent.ReportWritten(id, "s3://out/report.json");
        }
    }

    private void bring(Job job, State state) {
        if (state == State.UNKNOWN) {
            return;
        }
        driver.take(job.submitted());
        if (state == State.FAILED) {
            driver.take(job.rejected());
        } else if (state != State.PLANNING) {
            job.planned().forEach(driver::take);
        }
        boolean translation = job.kind() == Kind.TRANSLATION;
        switch (state) {
            case PAUSED -> driver.take(new CommandReceived(job.id(), PAUSE, T0));
            case CANCELLED, CANCELLING -> {
                if (translation) {
                    driver.take(new TaskEvent.TaskProgress(job.id(), 0, 1, "w", 0, 0, T0));
                }
                driver.take(new CommandReceived(job.id(), CANCEL, T0));
                if (translation && state == State.CANCELLED) {
                    driver.take(new TaskEvent.TaskReturned(job.id(), 0, 1, "w", 0));
                    driver.take(job.reported());
                }
            }
            case REPORTING -> job.done(0).forEach(driver::take);
            case SUCCEEDED, COMPLETED_WITH_FAILURES -> {
                job.done(state == State.SUCCEEDED ? 0 : 1).forEach(driver::take);
                if (translation) {
                    driver.take(job.reported());
                }
            }
            default -> {
                // As it is.
            }
        }
        assertThat(status(job.id()).state()).describedAs(job.id()).isEqualTo(state);
    }

    private static List<List<Action>> words(int length) {
        List<List<Action>> words = List.of(List.of());
        for (int i = 0; i < length; i++) {
            List<List<Action>> longer = new ArrayList<>();
            for (List<Action> word : words) {
                for (Action action : Action.values()) {
                    List<Action> next = new ArrayList<>(word);
                    next.add(action);
                    longer.add(next);
                }
            }
            words = longer;
        }
        return words;
    }

    private static List<List<Integer>> permutations(int n) {
        if (n == 0) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (List<Integer> shorter : permutations(n - 1)) {
            for (int at = 0; at <= shorter.size(); at++) {
                List<Integer> next = new ArrayList<>(shorter);
                next.add(at, n - 1);
                all.add(next);
            }
        }
        return all;
    }

    private @Nullable JobStatus status(String jobId) {
        driver.output(Topic.JOB_STATUS)
                .readRecordsToList()
                .forEach(
                        r -> {
                            if (r.value() == null) {
                                statuses.remove(r.key());
                            } else {
                                statuses.put(r.key(), Json.read(r.value(), JobStatus.class));
                            }
                        });
        return statuses.get(jobId);
    }
}
