package io.pix2pix.tracking;

import static io.pix2pix.tracking.Events.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tasks that kill every worker that runs them, with a queue as the broker keeps it: in order, each
 * record with a count of its deliveries, dropped without a word at the limit.
 */
class PoisonTaskTest {
    private static final int ATTEMPTS = 5;
    private static final int SHARDS = 40;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final class Delivered {
        final TranslationTask task;
        int count;

        Delivered(TranslationTask task) {
            this.task = task;
        }
    }

    private final JobFold fold = new JobFold(Tracking.DEFAULT);
    private final Map<String, JobState> jobs = new HashMap<>();
    private final List<Delivered> queue = new ArrayList<>();
    private final Map<Integer, Integer> runs = new HashMap<>();
    private Instant now = T0;

    /**
     * @param limit of deliveries a record, as the broker has it
     * @param silently whether the workers die before anybody hears that they have begun; then only
     *     the broker counts, as far as its limit goes
     */
    @ParameterizedTest
    @CsvSource({"2, false", "5, false", "5, true", "10, false", "10, true"})
    void isGivenUpAfterSoManyRunsAndTheJobEnds(int limit, boolean silently) {
        submit("job", SHARDS);
        int turns = 0;
        while (!state("job").state.isTerminal()) {
            assertThat(turns++).describedAs("seconds").isLessThan(20_000);
            Delivered next = queue.isEmpty() ? null : queue.remove(0);
            if (next != null) {
                work(next, next.task.shard() % 13 == 7, limit, silently);
            }
            tick(SECOND);
            if (state("job").state == State.REPORTING) {
                take(Events.reported());
            }
        }
        assertThat(state("job").state).isEqualTo(State.COMPLETED_WITH_FAILURES);
        assertThat(state("job").failed).isEqualTo(3 * 10);
        assertThat(state("job").succeeded).isEqualTo((SHARDS - 3) * 10);
        assertThat(runs.keySet()).containsExactlyInAnyOrder(7, 20, 33);
        assertThat(runs.values()).containsOnly(ATTEMPTS - 1);
    }

    /** One worker that takes a minute for each task, and more jobs than it can do in hours. */
    @Test
    void aLongQueueIsNotHandedOutTwice() {
        for (int job = 0; job < 60; job++) {
            submit("job-" + job, 4);
        }
        assertThat(queue).hasSize(240);
        int done = 0;
        while (!queue.isEmpty()) {
            Delivered next = queue.remove(0);
            next.count++;
            assertThat(next.task.attempt()).isEqualTo(1);
            take(started(next));
            for (int s = 0; s < 60; s += 10) {
                tick(Duration.ofSeconds(10));
            }
            take(Events.completed(next.task.jobId(), next.task.shard(), 1, 0));
            done++;
        }
        assertThat(done).isEqualTo(240);
    }

    @Test
    void aTaskThatIsGoneFromTheQueueComesAgainWhenLaterOnesWereStartedLongAgo() {
        submit("job", 8);
        queue.remove(1);
        for (int i = 0; i < 7; i++) {
            Delivered next = queue.remove(0);
            take(started(next));
            take(Events.completed("job", next.task.shard(), 1, 0));
            tick(SECOND);
        }
        assertThat(queue).isEmpty();
        tick(Duration.ofMinutes(4));
        assertThat(queue).isEmpty();
        tick(Duration.ofMinutes(2));
        tick(SECOND);
        tick(SECOND);
        assertThat(queue).hasSize(1);
        assertThat(queue.get(0).task.shard()).isEqualTo(1);
        assertThat(queue.get(0).task.attempt()).isEqualTo(2);
    }

    @Test
    void theLastTaskOfAllComesAgainAfterAnHourAsTheSameAttempt() {
        submit("job", 1);
        queue.clear();
        tick(Duration.ofMinutes(59));
        assertThat(queue).isEmpty();
        tick(Duration.ofMinutes(2));
        assertThat(queue).hasSize(1);
        assertThat(queue.get(0).task.attempt()).isEqualTo(1);
    }

    private void work(Delivered next, boolean poison, int limit, boolean silently) {
        next.count++;
        TranslationTask task = next.task;
        int attempt = task.attempt() + next.count - 1;
        if (!poison || attempt >= ATTEMPTS) {
            take(started(next));
            take(Events.completed("job", task.shard(), attempt, poison ? 10 : 0));
            return;
        }
        runs.merge(task.shard(), 1, Integer::sum);
        if (!silently) {
            take(started(next));
        }
        if (next.count < limit) {
            // The broker gives it to the next one, before all that was not given out yet.
            queue.add(0, next);
        }
    }

    private static TaskEvent started(Delivered next) {
        TranslationTask task = next.task;
        int attempt = task.attempt() + next.count - 1;
        return new TaskEvent.TaskProgress(task.jobId(), task.shard(), attempt, "w", 0, 0, T0);
    }

    private void submit(String jobId, int shards) {
        take(new TaskEvent.JobSubmitted(jobId, "d", Events.job(jobId, "s3://out/"), T0));
        for (int shard = 0; shard < shards; shard++) {
            take(new TaskEvent.ShardPlanned(jobId, "d", shard, 10));
        }
        take(new TaskEvent.PlanCompleted(jobId, "d", shards, shards * 10L));
    }

    private JobState state(String jobId) {
        return Objects.requireNonNull(jobs.get(jobId));
    }

    private void take(TaskEvent event) {
        note(fold.apply(reloaded(jobs.get(event.jobId())), event, now));
    }

    private void tick(Duration passed) {
        now = now.plus(passed);
        for (JobState job : List.copyOf(jobs.values())) {
            note(fold.tick(Objects.requireNonNull(reloaded(job)), now));
        }
    }

    private static @Nullable JobState reloaded(@Nullable JobState state) {
        return state == null ? null : Json.read(Json.write(state), JobState.class);
    }

    private void note(Fold.Step<JobState> step) {
        JobState state = step.state();
        if (step.changed() && state != null) {
            jobs.put(state.jobId, state);
        }
        for (Output output : step.outputs()) {
            if (output instanceof Output.Task o) {
                queue.add(new Delivered(o.task()));
            }
        }
    }
}
