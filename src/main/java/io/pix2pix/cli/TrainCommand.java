package io.pix2pix.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.training.Networks;
import io.pix2pix.worker.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Trains; the options that are fields of the job are in {@link TrainingOptions}. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        sortSynopsis = false,
        customSynopsis = {
            "pix2pix train --dataset D --output O [OPTIONS]",
            "       pix2pix train --job FILE [OPTIONS]"
        },
        description = {
            "Trains a generator on pairs of pictures and waits for it, with a line for each epoch.",
            "Places are local paths or s3:// URIs; local ones are uploaded and downloaded.",
            "Ctrl-C ends the waiting, not the job."
        })
final class TrainCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--job",
            paramLabel = "FILE",
            description = "a job as JSON; options given beside it replace its fields")
    private @Nullable Path file;

    @Option(names = "--job-id", paramLabel = "ID", description = "default: made from the time")
    private @Nullable String jobId;

    @Option(
            names = "--bucket",
            paramLabel = "B",
            description = "where local files are put; default: ${DEFAULT-VALUE}")
    private String bucket = "pix2pix";

    @Option(names = "--detach", description = "do not wait (with an s3:// output)")
    private boolean detach;

    @Option(
            names = "--json",
            description = "print the job's last status as JSON, and all else to standard error")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        ObjectNode wanted = read();
        @Nullable String validation = textOrNull(wanted.at("/validation/uri"));
        TrainingStaging staging = new TrainingStaging(bucket, wanted.path("jobId").asText());
        staging.place(wanted);
        TrainingJob job = TrainingOptions.checked(given(), () -> job(wanted));
        if (detach && staging.hasLocalOutput()) {
            throw wrong("--detach needs an s3:// output: nobody would download the results");
        }
        PrintWriter out = json ? command().getErr() : command().getOut();
        Settings settings = new Settings();
        Clients clients = new Clients(settings.messaging());
        Reachable.require(clients);
        try (ObjectStore store = new ObjectStore(settings.storage())) {
            staging.upload(store, out);
            submit(clients, job);
            if (detach) {
                out.printf("Submitted job %s%n", job.jobId());
                return 0;
            }
            JobStatus status = watch(clients, job, out);
            staging.fetch(store, status, S3Uri.parse(job.output().uri()));
            new TrainingSummary(job, staging).print(status, validation, out);
            out.flush();
            if (json) {
                command().getOut().println(Json.writeString(status));
                command().getOut().flush();
            }
            return status.state() == JobStatus.State.SUCCEEDED ? 0 : 1;
        }
    }

    /** The job as it was asked for: file and options, with its name, places as the user wrote. */
    private ObjectNode read() throws IOException {
        ObjectNode wanted = file == null ? Json.mapper().createObjectNode() : read(file);
        wanted.withObject("/dataset");
        wanted.withObject("/output");
        TrainingOptions.apply(given(), wanted);
        if (jobId != null) {
            wanted.put("jobId", jobId);
        } else if (!wanted.hasNonNull("jobId")) {
            wanted.put("jobId", JobIds.fromTime());
        }
        return wanted;
    }

    private ObjectNode read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw wrong("--job: there is no file " + file);
        }
        try {
            return Json.read(Files.readAllBytes(file), ObjectNode.class);
        } catch (IllegalArgumentException e) {
            throw wrong("--job: %s: %s".formatted(file, e.getMessage()));
        }
    }

    private static TrainingJob job(ObjectNode wanted) {
        TrainingJob job = Json.read(Json.write(wanted), TrainingJob.class);
        // The planner would find it as well, but files would have been moved by then.
        Networks.of(job);
        return job;
    }

    private static void submit(Clients clients, TrainingJob job) {
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "cli")) {
            publisher.submit(job);
        }
    }

    private static JobStatus watch(Clients clients, TrainingJob job, PrintWriter out)
            throws InterruptedException {
        Thread left = new Thread(() -> sayGoodbye(job.jobId(), out), "goodbye");
        Runtime.getRuntime().addShutdownHook(left);
        try (JobWatch watch = new JobWatch(clients, job.jobId())) {
            out.printf("Job %s%n", job.jobId());
            out.flush();
            TrainingProgress progress = TrainingProgress.to(out);
            return watch.await(
                    status -> {
                        requireSame(job, status);
                        progress.show(status);
                    },
                    () ->
                            out.println(
                                    "Nobody has taken the job yet: is a worker running? (scripts/pix2pix worker)"));
        } finally {
            Runtime.getRuntime().removeShutdownHook(left);
        }
    }

    private static void sayGoodbye(String jobId, PrintWriter out) {
        out.printf("%nJob %s goes on; to see it: scripts/pix2pix job %s --follow%n", jobId, jobId);
        out.printf("To cancel it: scripts/pix2pix cancel %s%n", jobId);
        out.flush();
    }

    /** What becomes of another job of this name says nothing of this one. */
    private static void requireSame(TrainingJob job, JobStatus status) {
        if (!status.digest().equals(Json.digest(job))) {
            throw new FailureException(
                    Failure.permanent(
                            Stage.SUBMIT,
                            "JOB_ID_TAKEN",
                            "--job-id: %s names another job, submitted at %s; this one was not done"
                                    .formatted(job.jobId(), status.submittedAt())));
        }
    }

    private static @Nullable String textOrNull(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }

    private ParseResult given() {
        return command().getParseResult();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command(), message);
    }

    private picocli.CommandLine command() {
        return Objects.requireNonNull(spec, "set by picocli").commandLine();
    }
}
