package io.pix2pix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.Losses;
import io.pix2pix.event.TrainingEvent.Metrics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
    private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
    private static final Metrics METRICS = new Metrics(0.1234, 19.876, 0.6543, null);

    private final StringWriter written = new StringWriter();
    private final MovingClock clock = new MovingClock();
    private final TrainingProgress lines = progress(false);

    @Test
    void anEpochIsALineWithWhatPeopleLookFor() {
        lines.show(status(State.RUNNING, 1, epoch(1, 10, null), 100));
        lines.show(status(State.RUNNING, 1, epoch(2, 30, METRICS), 200));
        assertThat(lines())
                .containsExactly(
                        "epoch   1/200  G_GAN 1.250  G_L1 20.500  D_real 0.500  D_fake 0.625  lr 0.00020  8.0 images/s  41m 28s left",
                        "epoch   2/200  G_GAN 1.250  G_L1 20.500  D_real 0.500  D_fake 0.625  lr 0.00020  8.0 images/s  held-out L1 0.123  PSNR 19.88 dB  SSIM 0.654  1h 6m left");
    }

    @Test
    void theSameEpochIsToldOnce() {
        EpochCompleted first = epoch(1, 10, null);
        lines.show(status(State.RUNNING, 1, first, 100));
        lines.show(status(State.RUNNING, 1, first, 130));
        lines.show(status(State.SUCCEEDED, 0, first, 130));
        assertThat(lines()).hasSize(1);
    }

    @Test
    void epochsWhoseStatusIsNoLongerKeptAreNotPassedOverInSilence() {
        lines.show(status(State.RUNNING, 1, epoch(1, 10, null), 100));
        lines.show(status(State.RUNNING, 1, epoch(5, 50, null), 500));
        assertThat(lines().get(1)).isEqualTo("epochs 2 to 4 are done");
    }

    @Test
    void whatTheJobWaitsForIsToldOnce() {
        lines.show(status(State.RUNNING, 0, null, 0));
        lines.show(status(State.RUNNING, 0, null, 0));
        lines.show(status(State.RUNNING, 1, null, 0));
        lines.show(status(State.PAUSED, 0, null, 0));
        assertThat(lines()).containsExactly("message of RUNNING", "message of PAUSED");
    }

    @Test
    void aLongEpochIsNotSilent() {
        lines.show(status(State.RUNNING, 1, epoch(1, 10, null), 100));
        lines.show(status(State.RUNNING, 1, epoch(1, 10, null), 125));
        assertThat(lines()).hasSize(1);
        clock.now = START.plusSeconds(61);
        lines.show(status(State.RUNNING, 1, epoch(1, 10, null), 150));
        assertThat(lines().get(1)).isEqualTo("[############............] epoch 2/200, step 50/100");
    }

    @Test
    void onATerminalOneLineIsRewrittenBelowTheEpochs() {
        TrainingProgress live = progress(true);
        live.show(status(State.RUNNING, 1, null, 25));
        live.show(status(State.RUNNING, 1, epoch(1, 10, null), 100));
        live.show(status(State.SUCCEEDED, 0, epoch(1, 10, null), 100));
        assertThat(written.toString())
                .startsWith(
                        "\r[######..................] epoch 1/200, step 25/100\u001b[K\r\u001b[Kepoch   1/200  ")
                .endsWith(
                        " left\n\r[........................] epoch 2/200, step 0/100\u001b[K\r\u001b[K");
    }

    private TrainingProgress progress(boolean terminal) {
        return new TrainingProgress(new PrintWriter(written), terminal, clock);
    }

    private List<String> lines() {
        return written.toString().lines().toList();
    }

    private static EpochCompleted epoch(int epoch, int seconds, Metrics validation) {
        return new EpochCompleted(
                "j",
                epoch,
                200,
                100L * epoch,
                new Losses(0.5, 0.625, 1.25, 20.5),
                2e-4,
                8,
                0.9,
                validation,
                "w",
                START.plusSeconds(seconds));
    }

    private static JobStatus status(State state, int running, EpochCompleted last, long step) {
        int epoch = last == null ? 0 : last.epoch();
        return new JobStatus(
                "j",
                JobStatus.Kind.TRAINING,
                "digest",
                state,
                new JobStatus.Training(100, epoch, 200, step, 20_000, last, null, null, null, null),
                new JobStatus.Images(0, 0, 0, 0, 0),
                true,
                1,
                0,
                running,
                List.of(),
                0,
                0,
                0,
                null,
                null,
                null,
                "message of " + state,
                START,
                null,
                START,
                null);
    }

    private static final class MovingClock extends Clock {
        private Instant now = START;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
