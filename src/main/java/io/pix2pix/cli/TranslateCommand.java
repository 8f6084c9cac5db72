package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Input;
import io.pix2pix.event.TranslationJob.Model;
import io.pix2pix.event.TranslationJob.Normalization;
import io.pix2pix.event.TranslationJob.Output;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.worker.Settings;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "translate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Translates images with a generator and waits for the result.",
            "IN, OUT and M are local paths or s3:// URIs; local ones are uploaded and downloaded."
        })
final class TranslateCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "M",
            description = "generator.pt: any TorchScript image-to-image module")
    private String model = "";

    @Option(
            names = "--input",
            required = true,
            paramLabel = "IN",
            description = "images: a folder (or s3:// prefix) or one file")
    private String input = "";

    @Option(
            names = "--output",
            required = true,
            paramLabel = "OUT",
            description = "folder or s3:// prefix of the results")
    private String output = "";

    @Option(
            names = "--side",
            description =
                    "which part of each picture is the input: ${COMPLETION-CANDIDATES}; default whole")
    private Side side = Side.WHOLE;

    @Option(
            names = "--normalization",
            description = "${COMPLETION-CANDIDATES}; default: as the model was trained")
    private @Nullable Normalization normalization;

    @Option(
            names = "--size",
            paramLabel = "N|WxH|pad",
            description =
                    "what the generator is given: resized to N x N or W x H, or padded; default 256")
    private String size = "256";

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES}; default png")
    private Format format = Format.PNG;

    @Option(names = "--quality", paramLabel = "1-100", description = "of JPEG; default 95")
    private int quality = 95;

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description = "only these inputs, such as **/*.jpg; may be repeated")
    private List<String> include = List.of();

    @Option(
            names = "--exclude",
            paramLabel = "GLOB",
            description = "but not these; may be repeated")
    private List<String> exclude = List.of();

    @Option(
            names = "--if-exists",
            description =
                    "where another object has the output's key: ${COMPLETION-CANDIDATES}; default skip")
    private IfExists ifExists = IfExists.SKIP;

    @Option(names = "--manifest", description = "IN lists the inputs, a URI a line, as JSON")
    private boolean manifest;

    @Option(names = "--job-id", paramLabel = "ID", description = "default: made from the time")
    private @Nullable String jobId;

    @Option(names = "--shard-size", paramLabel = "N", description = "images a task; default 256")
    private int shardSize = TranslationJob.DEFAULT_SHARD_SIZE;

    @Option(
            names = "--bucket",
            paramLabel = "B",
            description = "where local files are put; default pix2pix")
    private String bucket = "pix2pix";

    @Option(names = "--detach", description = "do not wait (with an s3:// output)")
    private boolean detach;

    @Option(names = "--json", description = "print the job's last status as JSON")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        String id = jobId != null ? jobId : JobIds.fromTime();
        PrintWriter out = out();
        Settings settings = new Settings();
        Clients clients = new Clients(settings.messaging());
        try (ObjectStore store = new ObjectStore(settings.storage())) {
            Staging staging = new Staging(store, bucket, id, out);
            staging.requireLocal(model, "--model");
            staging.requireLocal(input, "--input");
            Reachable.require(clients);
            if (detach && !Staging.isS3(output)) {
                throw wrong("--detach needs an s3:// output: nobody would download the results");
            }
            TranslationJob job = job(id, staging);
            submit(clients, job);
            if (detach) {
                out.printf("Submitted job %s%n", id);
                return 0;
            }
            JobStatus status = watch(clients, id, out);
            return new Summary(store, out, json).print(job, status, staging.fetch(job, output));
        }
    }

    private TranslationJob job(String id, Staging staging) throws Exception {
        try {
            return new TranslationJob(
                    id,
                    new Model(staging.model(model), normalization),
                    new Input(staging.input(input), include, exclude, side, manifest),
                    new Output(staging.output(output), format, quality, ifExists),
                    size(),
                    shardSize);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private static void submit(Clients clients, TranslationJob job) {
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "cli")) {
            publisher.submit(job);
        }
    }

    private static JobStatus watch(Clients clients, String id, PrintWriter out)
            throws InterruptedException {
        try (JobWatch watch = new JobWatch(clients, id)) {
            out.printf("Job %s%n", id);
            return watch.await(
                    Progress.to(out)::show,
                    () ->
                            out.println(
                                    "Nobody has taken the job yet: is a worker running? (scripts/pix2pix worker)"));
        }
    }

    private Size size() {
        if (size.equals("pad")) {
            return new Size(Size.Mode.PAD, 0, 0);
        }
        String[] parts = size.split("x", -1);
        try {
            int width = Integer.parseInt(parts[0]);
            int height = parts.length == 1 ? width : Integer.parseInt(parts[1]);
            return new Size(Size.Mode.RESIZE, width, height);
        } catch (NumberFormatException e) {
            throw wrong("--size: expected 256, 512x256 or pad, found '" + size + "'");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(theSpec().commandLine(), message);
    }

    private PrintWriter out() {
        return theSpec().commandLine().getOut();
    }

    private CommandSpec theSpec() {
        if (spec == null) {
            throw new IllegalStateException("Not run by picocli");
        }
        return spec;
    }
}
