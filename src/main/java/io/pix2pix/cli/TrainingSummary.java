package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.storage.S3Uri;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** What a person wants to know when a training has ended, and how to go on. */
final class TrainingSummary {
    private final TrainingJob job;
    private final TrainingStaging staging;
    private final S3Uri output;

    /**
     * @param staging knows where things are on the local disk
     */
    TrainingSummary(TrainingJob job, TrainingStaging staging) {
        this.job = job;
        this.staging = staging;
        this.output = S3Uri.parse(job.output().uri());
    }

    /**
     * @param validation where the held-out pairs are, as the user named it; null without any
     */
    void print(JobStatus status, @Nullable String validation, PrintWriter out) {
        out.println(status.state() + ": " + status.message());
        JobStatus.Training training = status.training();
        if (training == null) {
            return;
        }
        if (training.validation() != null) {
            out.println("Held out:    " + TrainingProgress.metrics(training.validation()));
            String samples = training.validation().samples();
            place(out, "Samples:     ", samples);
        }
        place(out, "Checkpoint:  ", training.checkpoint());
        if (training.bestCheckpoint() != null
                && !training.bestCheckpoint().equals(training.checkpoint())) {
            place(out, "The best:    ", training.bestCheckpoint());
        }
        if (training.generator() != null) {
            String generator = staging.local(training.generator(), output);
            out.println("Generator:   " + generator);
            out.println("Use it with: " + translation(generator, validation));
        }
    }

    private void place(PrintWriter out, String heading, @Nullable String uri) {
        if (uri != null) {
            out.println(heading + staging.local(uri, output));
        }
    }

    /** The command that translates with the generator: the held-out pairs, where there are any. */
    private String translation(String generator, @Nullable String validation) {
        StringBuilder command = new StringBuilder("scripts/pix2pix translate --model ");
        command.append(quoted(generator));
        boolean forth = job.dataset().direction() == TrainingJob.Direction.A_TO_B;
        if (validation == null) {
            command.append(" --input IN");
        } else if (job.dataset().layout() == TrainingJob.Layout.FOLDERS) {
            String slash = validation.endsWith("/") ? "" : "/";
            command.append(" --input ").append(quoted(validation + slash + (forth ? "A/" : "B/")));
        } else {
            command.append(" --input ").append(quoted(validation));
            command.append(" --side ").append(forth ? "left" : "right");
        }
        command.append(" --output OUT");
        int size = job.training().cropSize();
        return size == 256 ? command.toString() : command + " --size " + size;
    }

    private static String quoted(String place) {
        boolean plain = place.matches("[\\w@%+=:,./-]+");
        return plain ? place : "'" + place.replace("'", "'\\''") + "'";
    }
}
