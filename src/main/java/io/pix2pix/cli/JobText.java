package io.pix2pix.cli;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A job for people to read. */
final class JobText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
                    .withZone(ZoneId.systemDefault());

    private final PrintWriter out;

    JobText(PrintWriter out) {
        this.out = out;
    }

    /** In this machine's time zone. */
    static String time(Instant at) {
        return TIME.format(at);
    }

    /**
     * @param status null while no planner has taken it
     * @param job null where what was submitted is no job
     */
    void print(String jobId, @Nullable JobStatus status, @Nullable Job job) {
        if (status == null) {
            out.printf("%s: submitted, waiting for a planner%n", jobId);
        } else {
            out.printf("%s: %s, %s%n", jobId, status.state(), status.message());
            print(status);
        }
        if (job instanceof TranslationJob t) {
            line("model", t.model().uri());
            line("input", t.input().uri());
            line("output", t.output().uri());
        } else if (job instanceof TrainingJob t) {
            line("dataset", t.dataset().uri());
            line("output", t.output().uri());
        }
        out.flush();
    }

    private void print(JobStatus status) {
        JobStatus.Training training = status.training();
        if (training == null) {
            JobStatus.Images images = status.images();
            line(
                    "images",
                    "%,d%s: %,d translated, %,d skipped, %,d failed, %,d in running tasks"
                            .formatted(
                                    images.total(),
                                    status.planned() ? "" : "+",
                                    images.succeeded(),
                                    images.skipped(),
                                    images.failed(),
                                    images.running()));
        } else {
            line(
                    "epochs",
                    "%,d of %,d, step %,d of %,d"
                            .formatted(
                                    training.epoch(),
                                    training.epochs(),
                                    training.step(),
                                    training.steps()));
            Metrics m = training.validation();
            if (m != null) {
                line(
                        "validation",
                        String.format(
                                Locale.ROOT,
                                "L1 %.4f, PSNR %.2f dB, SSIM %.3f",
                                m.l1(),
                                m.psnr(),
                                m.ssim()));
            }
            line("checkpoint", training.checkpoint());
            line("best", training.bestCheckpoint());
            line("generator", training.generator());
        }
        line(
                "tasks",
                "%,d of %,d done, %,d running, %,d attempts failed"
                        .formatted(
                                status.tasksDone(),
                                status.tasks(),
                                status.tasksRunning(),
                                status.attemptsFailed()));
        line(
                "device",
                "%s, %s of lost attempts"
                        .formatted(
                                Progress.time(status.deviceMillis() / 1e3),
                                Progress.time(status.wastedMillis() / 1e3)));
        line("workers", status.workers().isEmpty() ? null : String.join(", ", status.workers()));
        line("submitted", time(status.submittedAt()));
        line("ended", status.finishedAt() == null ? null : time(status.finishedAt()));
        line("report", status.report());
    }

    private void line(String name, @Nullable String value) {
        if (value != null) {
            out.printf("  %-10s  %s%n", name, value);
        }
    }
}
