package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.translation.JobLayout;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What a person wants to know when a job has ended. */
final class Summary {
    private static final int SHOWN = 20;
    private static final long LIMIT = 64L << 20;

    private final ObjectStore store;
    private final PrintWriter out;
    private final boolean json;

    Summary(ObjectStore store, PrintWriter out, boolean json) {
        this.store = store;
        this.out = out;
        this.json = json;
    }

    /** Prints the end of a job and returns the exit code. */
    int print(TranslationJob job, JobStatus status, String where) {
        if (json) {
            out.println(Json.writeString(status));
        } else {
            out.println(status.state() + ": " + status.message());
            if (status.images().failed() > 0 && status.report() != null) {
                printFailures(job, status.images().failed());
            }
            if (status.images().done() > 0) {
                out.println("Results: " + where);
                out.println("Report:  " + Objects.requireNonNullElse(status.report(), "none"));
            }
        }
        out.flush();
        return status.state() == JobStatus.State.SUCCEEDED ? 0 : 1;
    }

    private void printFailures(TranslationJob job, long failed) {
        S3Uri uri = JobLayout.of(job).failures();
        String lines = new String(store.read(uri, LIMIT).bytes(), StandardCharsets.UTF_8);
        lines.lines()
                .limit(SHOWN)
                .map(line -> line.getBytes(StandardCharsets.UTF_8))
                .map(line -> Json.read(line, TranslationResult.class))
                .forEach(this::printFailure);
        if (failed > SHOWN) {
            out.printf("  ... and %,d more: %s%n", failed - SHOWN, uri);
        }
    }

    private void printFailure(TranslationResult result) {
        if (result.failure() != null) {
            out.printf(
                    "  %s: %s: %s%n",
                    result.input(), result.failure().code(), result.failure().message());
        }
    }
}
