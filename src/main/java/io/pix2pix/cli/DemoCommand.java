package io.pix2pix.cli;

import io.pix2pix.demo.ContactSheet;
import io.pix2pix.demo.Facades;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Input;
import io.pix2pix.event.TranslationJob.Model;
import io.pix2pix.event.TranslationJob.Output;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.local.LocalStack;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.Topics;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.InitialWeights;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.worker.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs the main job on this machine: starts a real Kafka, a real S3 server and a worker,",
            "draws pictures, translates them by a job in a topic, and stops everything again."
        })
final class DemoCommand implements Callable<Integer> {
    private static final int SIZE = 256;
    private static final int FILTERS = 16;
    private static final int SHOWN = 6;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--images",
            defaultValue = "48",
            description = "how many pictures to draw; default: ${DEFAULT-VALUE}")
    private int images;

    @Option(
            names = "--seed",
            defaultValue = "42",
            description = "of pictures and weights; default: ${DEFAULT-VALUE}")
    private long seed;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec, "set by picocli").commandLine().getOut();
        Path folder = LocalStack.folder().resolve("demo");
        say(out, "Starting Kafka and S3 in %s", LocalStack.folder());
        try (LocalStack stack =
                LocalStack.embed(
                        LocalStack.Settings.onFreePorts(LocalStack.folder()), out::println)) {
            say(out, "  Kafka %s, S3 %s", stack.bootstrapServers(), stack.s3Endpoint());
            Settings settings = new Settings(settings(stack));
            Clients clients = new Clients(settings.messaging());
            new Topics(clients).ensure();
            Path log = folder.resolve("worker.log");
            say(out, "Starting a worker, log in %s", log);
            try (WorkerChild worker = WorkerChild.start(settings(stack), log);
                    ObjectStore store = new ObjectStore(settings.storage())) {
                worker.onDeath(() -> exit(out, worker));
                return translate(out, clients, store, folder);
            }
        }
    }

    private int translate(PrintWriter out, Clients clients, ObjectStore store, Path folder)
            throws Exception {
        say(out, "Drawing %d label maps of facades, seed %d", images, seed);
        Path input = folder.resolve("input");
        draw(input);
        Path model = folder.resolve("generator.pt");
        say(
                out,
                "Making a unet_256 with %d filters, seed %d: freshly initialised, it has learned nothing",
                FILTERS,
                seed);
        writeModel(model);

        String jobId = JobIds.fromTime();
        Staging staging = new Staging(store, LocalStack.BUCKET, jobId, out);
        Path output = folder.resolve("output");
        TranslationJob job =
                new TranslationJob(
                        jobId,
                        new Model(staging.model(model.toString()), null),
                        new Input(
                                staging.input(input.toString()),
                                List.of(),
                                List.of(),
                                Side.WHOLE,
                                false),
                        new Output(
                                staging.output(output.toString()), Format.PNG, 95, IfExists.SKIP),
                        new Size(Size.Mode.RESIZE, SIZE, SIZE),
                        16);
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "demo");
                JobWatch watch = new JobWatch(clients, jobId)) {
            publisher.submit(job);
            say(
                    out,
                    "Submitted job %s to %s",
                    jobId,
                    clients.name(io.pix2pix.messaging.Topic.TRANSLATION_JOBS));
            JobStatus status =
                    watch.await(Progress.to(out), () -> say(out, "Waiting for the worker"));
            String where = staging.fetch(job, output.toString());
            int exitCode = new Summary(store, out, false).print(job, status, where);
            if (exitCode == 0) {
                Path sheet = folder.resolve("contact-sheet.png");
                writeSheet(sheet, input, output);
                say(out, "Look at %s: inputs beside outputs", sheet);
                say(
                        out,
                        "The generator is untrained, so its pictures are texture only. Translate your own with: scripts/pix2pix translate --help");
            }
            return exitCode;
        }
    }

    private void draw(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < images; i++) {
            Pixels label = Facades.draw(seed + i, SIZE).labels();
            Files.write(folder.resolve(name(i)), Encoder.png(label));
        }
    }

    private void writeModel(Path file) throws IOException {
        GeneratorSpec spec =
                new GeneratorSpec(
                        Architecture.parse("unet_256"), FILTERS, 3, 3, NormKind.BATCH, true);
        new GeneratorArchive(spec, Statistics.INSTANCE, InitialWeights.normal(spec.layers(), seed))
                .write(file);
    }

    private void writeSheet(Path file, Path input, Path output) throws IOException {
        Decoder decoder = new Decoder();
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(SHOWN, images); i++) {
            Pixels in = decoder.decode(Files.readAllBytes(input.resolve(name(i))), 3);
            Pixels made = decoder.decode(Files.readAllBytes(output.resolve(name(i))), 3);
            rows.add(new ContactSheet.Row(name(i), List.of(in, made)));
        }
        ContactSheet sheet =
                new ContactSheet(
                        "Pix2Pix demo",
                        "unet_256, %d filters, untrained, seed %d".formatted(FILTERS, seed),
                        List.of("input", "output"),
                        rows);
        Files.write(file, sheet.png());
    }

    private static String name(int i) {
        return "facade-%03d.png".formatted(i);
    }

    private static Map<String, String> settings(LocalStack stack) {
        return Map.of(
                "pix2pix.kafka.bootstrap-servers", stack.bootstrapServers(),
                "pix2pix.storage.endpoint", stack.s3Endpoint().toString(),
                "pix2pix.storage.access-key", stack.storage().accessKey().orElse(""),
                "pix2pix.storage.secret-key", stack.storage().secretKey().orElse(""));
    }

    private static void exit(PrintWriter out, WorkerChild worker) {
        say(out, "pix2pix: %s", worker.death().failure().message());
        System.exit(1);
    }

    private static void say(PrintWriter out, String format, Object... args) {
        out.printf(format + "%n", args);
        out.flush();
    }
}
