package io.pix2pix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final StringWriter written = new StringWriter();
    private long seconds = 1000;

    @Test
    void aLineNowAndThenSaysHowFarHowFastAndHowLongStill() {
        Progress progress = progress(false);
        progress.show(status(State.PLANNING, false, 0, 0, 100));
        seconds += 10;
        progress.show(status(State.RUNNING, true, 20, 0, 200));
        seconds += 5;
        progress.show(status(State.RUNNING, true, 40, 0, 200)); // too soon for a line
        seconds += 5;
        progress.show(status(State.RUNNING, true, 60, 2, 200));
        assertThat(written.toString().lines())
                .containsExactly(
                        "0/100+ images (PLANNING)",
                        "[##......................] 20/200 images (RUNNING)",
                        "[#######.................] 62/200 images, 4.2 images/s, 33s left, 2 failed (RUNNING)");
    }

    @Test
    void onATerminalTheLineIsRewrittenAndClosedAtTheEnd() {
        Progress progress = progress(true);
        progress.show(status(State.RUNNING, true, 1, 0, 2));
        progress.show(status(State.SUCCEEDED, true, 2, 0, 2));
        assertThat(written.toString())
                .startsWith("\r[############............] 1/2 images")
                .contains("\r[########################] 2/2 images")
                .endsWith("(SUCCEEDED)\u001b[K" + System.lineSeparator());
    }

    private Progress progress(boolean terminal) {
        return new Progress(
                new PrintWriter(written), terminal, () -> TimeUnit.SECONDS.toNanos(seconds));
    }

    private static JobStatus status(
            State state, boolean planned, long succeeded, long failed, long total) {
        return new JobStatus(
                "j",
                JobStatus.Kind.TRANSLATION,
                "d",
                state,
                null,
                new JobStatus.Images(total, succeeded, 0, failed, 0),
                planned,
                1,
                0,
                0,
                List.of(),
                0,
                0,
                0,
                null,
                null,
                null,
                "",
                Instant.EPOCH,
                null,
                Instant.EPOCH,
                null);
    }
}
