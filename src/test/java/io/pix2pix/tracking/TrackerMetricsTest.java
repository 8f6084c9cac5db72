package io.pix2pix.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.tracking.TrackerMetrics.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrackerMetricsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final int WINDOW = 4;

    @Test
    void tasksAreLeftPendingOrRunningAndTheOldestThatNobodyBeganHasAnAge() {
        JobState large = translation(State.RUNNING, 10, 3);
        large.out.put(3, out(50, 10));
        large.out.put(4, out(30, null));
        large.out.put(5, out(40, null));
        JobState small = translation(State.RUNNING, 2, 1);
        small.out.put(1, out(5, 1));
        Figures figures = Figures.of(List.of(large, small), WINDOW, NOW);
        assertThat(figures.jobs).isEqualTo(Map.of(State.RUNNING, 2));
        assertThat(figures.backlog).isEqualTo(WINDOW + 1);
        assertThat(figures.running).isEqualTo(2);
        assertThat(figures.pending).isEqualTo(6);
        assertThat(figures.oldest).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void aPausedJobAsksForNothingThoughItsLastTasksRun() {
        JobState paused = translation(State.PAUSED, 10, 3);
        paused.out.put(3, out(50, 10));
        paused.out.put(4, out(50, null));
        Figures figures = Figures.of(List.of(paused), WINDOW, NOW);
        assertThat(figures.backlog).isZero();
        assertThat(figures.pending).isZero();
        assertThat(figures.running).isEqualTo(1);
        assertThat(figures.oldest).isZero();
    }

    @Test
    void aTrainingIsOneTask() {
        TrainingJobState waits = new TrainingJobState();
        waits.state = State.RUNNING;
        waits.out = new TrainingJobState.Out(0, 1, -1, NOW.minusSeconds(9), null, null);
        TrainingJobState runs = new TrainingJobState();
        runs.state = State.RUNNING;
        runs.out = new TrainingJobState.Out(0, 1, -1, NOW.minusSeconds(99), NOW, "w");
        TrainingJobState planned = new TrainingJobState();
        Figures figures = Figures.of(List.of(waits, runs, planned), WINDOW, NOW);
        assertThat(figures.jobs).isEqualTo(Map.of(State.RUNNING, 2, State.PLANNING, 1));
        assertThat(figures.backlog).isEqualTo(2);
        assertThat(figures.running).isEqualTo(1);
        assertThat(figures.pending).isEqualTo(1);
        assertThat(figures.oldest).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void partitionsAreAddedUpUntilAnotherTrackerHasThem() {
        TrackerMetrics metrics = new TrackerMetrics(() -> true);
        Figures four = Figures.of(List.of(translation(State.RUNNING, 10, 3)), WINDOW, NOW);
        Figures one = Figures.of(List.of(translation(State.RUNNING, 2, 1)), WINDOW, NOW);
        metrics.tell("0_0", Kind.TRANSLATION, one);
        metrics.tell("0_0", Kind.TRANSLATION, four);
        metrics.tell("0_1", Kind.TRANSLATION, one);
        metrics.tell("0_1", Kind.TRAINING, one);
        assertThat(metrics.sum(Kind.TRANSLATION, f -> f.backlog)).isEqualTo(WINDOW + 1);
        metrics.forget("0_1");
        assertThat(metrics.sum(Kind.TRANSLATION, f -> f.backlog)).isEqualTo(WINDOW);
        assertThat(metrics.sum(Kind.TRAINING, f -> f.backlog)).isZero();
    }

    @Test
    void aTrackerTellsOfItsJobsUntilItLosesTheirPartition() {
        TrackerMetrics metrics = new TrackerMetrics(() -> true);
        try (TrackerDriver driver = new TrackerDriver(metrics)) {
            driver.take(Events.submitted(), Events.planned(0), Events.planned(1));
            driver.advance(Duration.ofSeconds(1));
            assertThat(metrics.sum(Kind.TRANSLATION, f -> f.backlog)).isEqualTo(2);
            driver.take(Events.completed(0, 1, 0));
            driver.advance(Duration.ofSeconds(1));
            assertThat(metrics.sum(Kind.TRANSLATION, f -> f.backlog)).isEqualTo(1);
        }
        assertThat(metrics.sum(Kind.TRANSLATION, f -> f.backlog)).isZero();
    }

    private static JobState translation(State state, int shards, int done) {
        JobState job = new JobState();
        job.state = state;
        job.shards = shards;
        for (int shard = 0; shard < done; shard++) {
            job.markDone(shard);
        }
        return job;
    }

    /** Sent and heard of so many seconds ago. */
    private static JobState.Out out(int sent, @Nullable Integer seen) {
        return new JobState.Out(
                1,
                NOW.minusSeconds(sent),
                seen == null ? null : NOW.minusSeconds(seen),
                seen == null ? null : "w",
                0,
                0);
    }
}
