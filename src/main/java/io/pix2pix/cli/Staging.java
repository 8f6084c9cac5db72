package io.pix2pix.cli;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.translation.JobLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Puts local files where workers can read them, and brings results back. */
final class Staging {
    private final ObjectStore store;
    private final String bucket;
    private final String jobId;
    private final PrintWriter out;

    Staging(ObjectStore store, String bucket, String jobId, PrintWriter out) {
        this.store = store;
        this.bucket = bucket;
        this.jobId = jobId;
        this.out = out;
    }

    static boolean isS3(String place) {
        return place.startsWith("s3://");
    }

    /** Fails with a clear message when a local path names nothing, before anything is moved. */
    void requireLocal(String place, String option) {
        if (!isS3(place)) {
            var unused = existing(place, option);
        }
    }

    /** The URI of a model; a local file is uploaded under its content's name, once. */
    String model(String model) throws IOException {
        if (isS3(model)) {
            return model;
        }
        Path file = existing(model, "--model");
        if (model.toLowerCase(Locale.ROOT).endsWith(".pth")) {
            throw wrong(
                    "MODEL_IS_WEIGHTS",
                    "--model: %s holds weights without a program; make a model of it with: scripts/pix2pix import-weights %s generator.pt --network unet_256"
                            .formatted(model, model));
        }
        S3Uri uri = new S3Uri(bucket, "models/" + Sha256.of(file) + ".pt");
        if (store.head(uri).isEmpty()) {
            store.upload(
                    file,
                    uri,
                    "application/octet-stream",
                    Map.of("name", file.getFileName().toString()));
        }
        return uri.toString();
    }

    /** The URI of the inputs; local files are uploaded below the job's own prefix. */
    String input(String input) throws IOException, InterruptedException {
        if (isS3(input)) {
            return input;
        }
        Path from = existing(input, "--input");
        S3Uri prefix = new S3Uri(bucket, "uploads/" + jobId + "/");
        boolean single = Files.isRegularFile(from);
        S3Uri to = single ? prefix.resolve(from.getFileName().toString()) : prefix;
        long files = new Transfer(store).upload(from, to);
        out.printf("Uploaded %,d files to %s%n", files, to);
        out.flush();
        return to.toString();
    }

    /** The URI of the results; those of a local folder go through a prefix of the job's own. */
    String output(String output) {
        if (isS3(output)) {
            return output.endsWith("/") ? output : output + "/";
        }
        return new S3Uri(bucket, "results/" + jobId + "/").toString();
    }

    /** Brings the images to a local folder; returns where a person finds them. */
    String fetch(TranslationJob job, String output) throws IOException, InterruptedException {
        if (isS3(output)) {
            return job.output().uri();
        }
        S3Uri from = S3Uri.parse(job.output().uri());
        Path to = Path.of(output);
        new Transfer(store).download(from, to, key -> !key.startsWith(JobLayout.BOOKKEEPING));
        return to.toString();
    }

    /** The local path, which has to name something. */
    static Path existing(String path, String option) {
        Path file = Path.of(path);
        if (!Files.exists(file)) {
            throw wrong("NOT_FOUND", "%s: there is no %s".formatted(option, path));
        }
        return file;
    }

    private static FailureException wrong(String code, String message) {
        return new FailureException(Failure.permanent(Stage.SUBMIT, code, message));
    }
}
