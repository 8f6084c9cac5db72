package io.pix2pix.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.JobStatus;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The places of a training job that are on the local disk: which URIs stand for them, how they get
 * there and how the results come back.
 */
final class TrainingStaging {
    private final String bucket;
    private final String jobId;
    private final List<Upload> uploads = new ArrayList<>();
    private @Nullable Path output;

    private record Upload(Path from, S3Uri to) {}

    TrainingStaging(String bucket, String jobId) {
        this.bucket = bucket;
        this.jobId = jobId;
    }

    /**
     * Puts URIs in the place of local paths; nothing is moved yet.
     *
     * @throws io.pix2pix.failure.FailureException naming a path where nothing is
     */
    void place(ObjectNode job) throws IOException {
        folder(job.withObject("/dataset"), "uri", "--dataset");
        if (job.has("validation")) {
            folder(job.withObject("/validation"), "uri", "--validation");
        }
        weights(job, "initFrom", "--init-from");
        weights(job, "resumeFrom", "--resume-from");
        ObjectNode out = job.withObject("/output");
        String place = out.path("uri").asText();
        if (!place.isEmpty() && !Staging.isS3(place)) {
            output = Path.of(place);
            out.put("uri", new S3Uri(bucket, "trainings/" + jobId + "/").toString());
        } else {
            slash(out, "uri");
        }
    }

    /** Whether somebody has to be there when the job has ended. */
    boolean hasLocalOutput() {
        return output != null;
    }

    private void folder(ObjectNode at, String field, String option) {
        String place = at.path(field).asText();
        if (place.isEmpty() || Staging.isS3(place)) {
            slash(at, field);
            return;
        }
        upload(at, field, Staging.existing(place, option), "uploads/%s/%s/", option);
    }

    private void weights(ObjectNode job, String field, String option) throws IOException {
        String place = job.path(field).asText();
        if (place.isEmpty() || Staging.isS3(place)) {
            return;
        }
        Path path = Staging.existing(place, option);
        if (Files.isDirectory(path)) {
            upload(job, field, path, "uploads/%s/%s/", option);
            return;
        }
        // Its ending says what it is.
        String name = path.getFileName().toString();
        String ending = name.substring(Math.max(0, name.lastIndexOf('.')));
        S3Uri uri = new S3Uri(bucket, "models/" + Sha256.of(path) + ending);
        uploads.add(new Upload(path, uri));
        job.put(field, uri.toString());
    }

    private void upload(ObjectNode at, String field, Path from, String key, String option) {
        S3Uri uri = new S3Uri(bucket, key.formatted(jobId, option.substring(2)));
        uploads.add(new Upload(from, uri));
        at.put(field, uri.toString());
    }

    private static void slash(ObjectNode at, String field) {
        String place = at.path(field).asText();
        if (!place.isEmpty() && !place.endsWith("/")) {
            at.put(field, place + "/");
        }
    }

    /** Moves what workers are to read. */
    void upload(ObjectStore store, PrintWriter out) throws IOException, InterruptedException {
        for (Upload each : uploads) {
            long files = new Transfer(store).upload(each.from(), each.to());
            out.printf("Uploaded %,d files to %s%n", files, each.to());
            out.flush();
        }
    }

    /** Brings generator, last and best checkpoint and samples to a local output, if it is one. */
    void fetch(ObjectStore store, JobStatus status, S3Uri from)
            throws IOException, InterruptedException {
        JobStatus.Training training = status.training();
        if (output == null || training == null) {
            return;
        }
        String last = below(from, training.checkpoint());
        String best = below(from, training.bestCheckpoint());
        new Transfer(store)
                .download(
                        from,
                        output,
                        key ->
                                key.equals("generator.pt")
                                        || key.startsWith("samples/")
                                        || key.startsWith(last)
                                        || key.startsWith(best));
    }

    /** Where a person finds what a URI of the job names. */
    String local(String uri, S3Uri from) {
        return output == null ? uri : output.resolve(below(from, uri)).toString();
    }

    private static String below(S3Uri from, @Nullable String uri) {
        // Without a checkpoint nothing begins with its key.
        return Objects.requireNonNullElse(uri, from + "//").substring(from.toString().length());
    }
}
