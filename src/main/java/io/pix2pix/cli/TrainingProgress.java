package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.Losses;
import io.pix2pix.event.TrainingEvent.Metrics;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line for each epoch of a training; on a terminal one more, rewritten in place, that shows how
 * far the present epoch is.
 *
 * <p>Needs every status of the job in order: the tracker publishes one with each epoch, so none is
 * missed, whenever the watching began.
 */
final class TrainingProgress {
    private static final int WIDTH = 24;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(60);

    private final PrintWriter out;
    private final boolean terminal;
    private final Clock clock;
    private int told;
    private @Nullable EpochCompleted first;
    private @Nullable Instant lastLine;
    private String lastWords = "";

    /** Rewrites its line where {@code scripts/pix2pix} found a terminal. */
    static TrainingProgress to(PrintWriter out) {
        return new TrainingProgress(
                out, Boolean.getBoolean("io.pix2pix.terminal"), Clock.systemUTC());
    }

    TrainingProgress(PrintWriter out, boolean terminal, Clock clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
    }

    void show(JobStatus status) {
        JobStatus.Training training = status.training();
        if (training == null) {
            return;
        }
        EpochCompleted last = training.last();
        if (last != null && last.epoch() > told) {
            if (first == null) {
                first = last;
            }
            if (last.epoch() > told + 1 && told > 0) {
                line("epochs %d to %d are done".formatted(told + 1, last.epoch() - 1));
            }
            told = last.epoch();
            line(epoch(last, training));
        }
        if (status.state().isTerminal()) {
            erase();
        } else if (terminal) {
            out.print("\r" + present(status, training) + "\u001b[K");
        } else {
            now(status, training);
        }
        out.flush();
    }

    /** Without a terminal: what the job waits for, and now and then how far a long epoch is. */
    private void now(JobStatus status, JobStatus.Training training) {
        String words = isHeld(status) ? status.message() : "";
        if (!words.isEmpty() && !words.equals(lastWords)) {
            line(words);
        } else if (lastLine != null && clock.instant().isAfter(lastLine.plus(BETWEEN_LINES))) {
            line(present(status, training));
        }
        lastWords = words;
    }

    private static boolean isHeld(JobStatus status) {
        return status.state() == State.PAUSED || status.tasksRunning() == 0;
    }

    private void line(String text) {
        erase();
        out.println(text);
        lastLine = clock.instant();
    }

    private void erase() {
        if (terminal) {
            out.print("\r\u001b[K");
        }
    }

    private String epoch(EpochCompleted e, JobStatus.Training training) {
        Losses losses = e.losses();
        StringBuilder line = new StringBuilder();
        int digits = Integer.toString(e.epochs()).length();
        line.append(("epoch %" + digits + "d/%d").formatted(e.epoch(), e.epochs()));
        append(line, "  G_GAN %.3f  G_L1 %.3f", losses.generatorGan(), losses.generatorL1());
        append(
                line,
                "  D_real %.3f  D_fake %.3f",
                losses.discriminatorReal(),
                losses.discriminatorFake());
        append(line, "  lr %.2g  %.1f images/s", e.learningRate(), e.imagesPerSecond());
        if (e.validation() != null) {
            line.append("  held-out ").append(metrics(e.validation()));
        }
        int left = e.epochs() - e.epoch();
        if (left > 0) {
            line.append("  ").append(Progress.time(left * secondsAnEpoch(e, training)));
            line.append(" left");
        }
        return line.toString();
    }

    /** As it was since the first epoch that was seen; before, as fast as that one. */
    private double secondsAnEpoch(EpochCompleted e, JobStatus.Training training) {
        EpochCompleted begin = first;
        if (begin != null && e.epoch() > begin.epoch()) {
            double seconds = Duration.between(begin.at(), e.at()).toMillis() / 1e3;
            return seconds / (e.epoch() - begin.epoch());
        }
        return e.imagesPerSecond() > 0 ? training.pairs() / e.imagesPerSecond() : 0;
    }

    /** The present epoch's bar, or what the job waits for. */
    private String present(JobStatus status, JobStatus.Training training) {
        if (training.steps() == 0 || training.epochs() == 0 || isHeld(status)) {
            return status.message();
        }
        long stepsAnEpoch = training.steps() / training.epochs();
        long step =
                Math.max(
                        0,
                        Math.min(stepsAnEpoch, training.step() - training.epoch() * stepsAnEpoch));
        int filled = (int) (WIDTH * step / stepsAnEpoch);
        String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
        int epoch = Math.min(training.epochs(), training.epoch() + 1);
        return "[%s] epoch %d/%d, step %,d/%,d"
                .formatted(bar, epoch, training.epochs(), step, stepsAnEpoch);
    }

    /** Held-out metrics as people compare them. */
    static String metrics(Metrics m) {
        return String.format(
                Locale.ROOT, "L1 %.3f  PSNR %.2f dB  SSIM %.3f", m.l1(), m.psnr(), m.ssim());
    }

    private static void append(StringBuilder line, String format, Object... values) {
        line.append(String.format(Locale.ROOT, format, values));
    }
}
