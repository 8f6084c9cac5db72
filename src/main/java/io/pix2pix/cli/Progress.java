package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line that shows how far a job is: rewritten in place on a terminal, else a line now and then.
 */
final class Progress {
    private static final int WIDTH = 24;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    private final PrintWriter out;
    private final boolean terminal;
    private final LongSupplier nanos;
    private long startNanos;
    private long startDone;
    private long lastLineNanos;
    private boolean started;
    private boolean open;

    /** Rewrites its line where {@code scripts/pix2pix} found a terminal. */
    static Progress to(PrintWriter out) {
        return new Progress(out, Boolean.getBoolean("io.pix2pix.terminal"), System::nanoTime);
    }

    /**
     * @param nanos a clock, ns
     */
    Progress(PrintWriter out, boolean terminal, LongSupplier nanos) {
        this.out = out;
        this.terminal = terminal;
        this.nanos = nanos;
        this.lastLineNanos = nanos.getAsLong() - BETWEEN_LINES.toNanos();
    }

    void show(JobStatus status) {
        long done = status.images().done() + status.images().running();
        long now = nanos.getAsLong();
        if (!started && done > 0) {
            // The rate counts from the first results, not from the wait for a worker.
            started = true;
            startNanos = now;
            startDone = done;
        }
        if (terminal) {
            out.print("\r" + line(status, done, now) + "\u001b[K");
            out.flush();
            open = true;
        } else if (now - lastLineNanos >= BETWEEN_LINES.toNanos()) {
            lastLineNanos = now;
            out.println(line(status, done, now));
            out.flush();
        }
        if (status.state().isTerminal()) {
            end();
        }
    }

    /** Leaves the line as it is. */
    private void end() {
        if (open) {
            out.println();
            out.flush();
            open = false;
        }
    }

    private String line(JobStatus status, long done, long now) {
        long total = status.images().total();
        StringBuilder line = new StringBuilder();
        if (status.planned() && total > 0) {
            int filled = (int) (WIDTH * done / total);
            line.append('[').append("#".repeat(filled)).append(".".repeat(WIDTH - filled));
            line.append("] ");
        }
        line.append("%,d/%,d%s images".formatted(done, total, status.planned() ? "" : "+"));
        double seconds = (now - startNanos) / 1e9;
        if (started && done > startDone && seconds > 0.5) {
            double rate = (done - startDone) / seconds;
            line.append(String.format(Locale.ROOT, ", %.1f images/s", rate));
            if (status.planned()) {
                line.append(", ").append(time((total - done) / rate)).append(" left");
            }
        }
        if (status.images().failed() > 0) {
            line.append(", %,d failed".formatted(status.images().failed()));
        }
        return line.append(" (").append(status.state()).append(')').toString();
    }

    /** As people say it, such as {@code 3m 20s}. */
    static String time(double seconds) {
        Duration d = Duration.ofSeconds(Math.round(seconds));
        if (d.toHours() > 0) {
            return "%dh %dm".formatted(d.toHours(), d.toMinutesPart());
        }
        return d.toMinutes() > 0
                ? "%dm %ds".formatted(d.toMinutes(), d.toSecondsPart())
                : d.toSeconds() + "s";
    }
}
