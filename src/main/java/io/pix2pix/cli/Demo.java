package io.pix2pix.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.demo.ContactSheet;
import io.pix2pix.demo.Facades;
import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingEvent.Metrics;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Input;
import io.pix2pix.event.TranslationJob.Model;
import io.pix2pix.event.TranslationJob.Output;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.image.Crop;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.local.LocalStack;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.messaging.Topic;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.training.Networks;
import io.pix2pix.training.ValidationMetrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The demo's story, told by real jobs: a generator that knows nothing, its training, and what it
 * makes of pictures that it has never seen, before and after.
 */
final class Demo {
    private static final int SHOWN = 6;
    private static final String NAME = "demo-";

    /**
     * @param size width and height of every picture, pixels
     */
    record Plan(
            long seed,
            int pairs,
            int heldOut,
            int epochs,
            int size,
            String network,
            int filters,
            int discriminatorLayers,
            double learningRate) {}

    private final Plan plan;
    private final Path folder;
    private final Clients clients;
    private final ObjectStore store;
    private final PrintWriter out;
    private final String jobId = NAME + JobIds.fromTime();
    private final Decoder decoder = new Decoder();

    Demo(Plan plan, Path folder, Clients clients, ObjectStore store, PrintWriter out) {
        this.plan = plan;
        this.folder = folder;
        this.clients = clients;
        this.store = store;
        this.out = out;
    }

    /** Returns the exit code. */
    int run() throws Exception {
        cancelWhatWasBrokenOff();
        say(
                "Drawing %d pairs of label maps and facades to train on, and %d others to judge by",
                plan.pairs(), plan.heldOut());
        Path heldOut = folder.resolve("held-out");
        draw(folder.resolve("pairs"), 0, plan.pairs());
        draw(heldOut, plan.pairs(), plan.heldOut());

        TrainingStaging staging = new TrainingStaging(LocalStack.BUCKET, jobId);
        TrainingJob job = job(staging);
        Path fresh = folder.resolve("fresh-generator.pt");
        writeFresh(job, fresh);
        staging.upload(store, out);
        JobStatus end = train(job);
        if (end.state() != State.SUCCEEDED) {
            say("%s: %s", end.state(), end.message());
            return 1;
        }
        Path trained = clear(folder.resolve("trained"));
        staging.fetch(store, end, S3Uri.parse(job.output().uri()));

        Path generator = trained.resolve("generator.pt");
        Path before = folder.resolve("before");
        Path after = folder.resolve("after");
        say("");
        say(
                "Translating the %d others with the fresh and with the trained generator",
                plan.heldOut());
        String pictures = Objects.requireNonNull(job.validation()).uri();
        boolean translated =
                translate(fresh, pictures, before, "-before")
                        && translate(generator, pictures, after, "-after");
        if (!translated) {
            return 1;
        }
        judge(heldOut, before, after);
        say("Go on with your own pictures: scripts/pix2pix train --help");
        return 0;
    }

    /** The job of a demo that was stopped would go on now, and take turns with this one's. */
    private void cancelWhatWasBrokenOff() throws InterruptedException {
        try (StatusFollower statuses = new StatusFollower(clients).start();
                Publisher publisher = new Publisher(clients, Clock.systemUTC(), "demo")) {
            for (JobStatus each : statuses.statuses()) {
                if (each.jobId().startsWith(NAME) && !each.state().isTerminal()) {
                    publisher.command(new JobCommand(each.jobId(), JobCommand.Action.CANCEL));
                    say("Cancelled job %s, which an earlier demo left unfinished", each.jobId());
                }
            }
        }
    }

    private void draw(Path to, int from, int count) throws IOException {
        clear(to);
        for (int i = from; i < from + count; i++) {
            Pixels pair = Facades.draw(plan.seed() + i, plan.size()).sideBySide();
            Files.write(to.resolve("facade-%03d.png".formatted(i)), Encoder.png(pair));
        }
    }

    /** As anybody would write it, into the topic by any Kafka client or into a file. */
    private TrainingJob job(TrainingStaging staging) throws IOException {
        String json =
                """
                {"jobId": "%s",
                 "dataset": {"uri": "%s"},
                 "output": {"uri": "%s"},
                 "generator": {"network": "%s", "filters": %d},
                 "discriminator": {"filters": %d, "layers": %d},
                 "training": {"epochs": %d, "decayEpochs": %d, "learningRate": %s,
                              "loadSize": %d, "cropSize": %d, "seed": %d},
                 "checkpoint": {"everyEpochs": 1000, "keep": 1},
                 "validation": {"uri": "%s", "everyEpochs": %d}}
                """
                        .formatted(
                                jobId,
                                folder.resolve("pairs"),
                                folder.resolve("trained"),
                                plan.network(),
                                plan.filters(),
                                plan.filters(),
                                plan.discriminatorLayers(),
                                plan.epochs() - plan.epochs() / 2,
                                plan.epochs() / 2,
                                plan.learningRate(),
                                plan.size(),
                                plan.size(),
                                plan.seed(),
                                folder.resolve("held-out"),
                                Math.max(1, plan.epochs() / 4));
        ObjectNode wanted = Json.read(json.getBytes(StandardCharsets.UTF_8), ObjectNode.class);
        staging.place(wanted);
        return Json.read(Json.write(wanted), TrainingJob.class);
    }

    /** The weights that the training begins with, as a generator. */
    private static void writeFresh(TrainingJob job, Path file) throws IOException {
        TrainingSpec spec = Networks.of(job);
        TrainingState state =
                TrainingState.initial(spec, Networks.initialization(job), job.training().seed());
        new GeneratorArchive(spec.generator(), Statistics.INSTANCE, state.generator()).write(file);
    }

    private JobStatus train(TrainingJob job) throws InterruptedException {
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "demo");
                JobWatch watch = new JobWatch(clients, jobId)) {
            publisher.submit(job);
            say(
                    "Submitted job %s to %s: a %s with %d filters, %d epochs, about a minute",
                    jobId,
                    clients.name(Topic.TRAINING_JOBS),
                    plan.network(),
                    plan.filters(),
                    plan.epochs());
            return watch.await(TrainingProgress.to(out)::show, this::sayWaiting);
        }
    }

    private boolean translate(Path model, String pictures, Path output, String suffix)
            throws Exception {
        String id = jobId + suffix;
        Staging staging = new Staging(store, LocalStack.BUCKET, id, out);
        TranslationJob job =
                new TranslationJob(
                        id,
                        new Model(staging.model(model.toString()), null),
                        new Input(pictures, List.of(), List.of(), Side.LEFT, false),
                        new Output(
                                staging.output(output.toString()), Format.PNG, 95, IfExists.SKIP),
                        new Size(Size.Mode.RESIZE, plan.size(), plan.size()),
                        TranslationJob.DEFAULT_SHARD_SIZE);
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "demo");
                JobWatch watch = new JobWatch(clients, id)) {
            publisher.submit(job);
            JobStatus status = watch.await(s -> {}, this::sayWaiting);
            if (status.state() != State.SUCCEEDED) {
                return new Summary(store, out, false).print(job, status, output.toString()) == 0;
            }
            clear(output);
            say("  %s: %s", staging.fetch(job, output.toString()), status.message());
            return true;
        }
    }

    /** Says in figures and shows in pictures what was learned. */
    private void judge(Path heldOut, Path before, Path after) throws IOException {
        List<ValidationMetrics> plain = new ArrayList<>();
        List<ValidationMetrics> fresh = new ArrayList<>();
        List<ValidationMetrics> trained = new ArrayList<>();
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int i = plan.pairs(); i < plan.pairs() + plan.heldOut(); i++) {
            String name = "facade-%03d.png".formatted(i);
            Pixels pair = read(heldOut.resolve(name));
            Pixels input = Crop.of(pair, 0, 0, plan.size(), plan.size());
            Pixels target = Crop.of(pair, plan.size(), 0, plan.size(), plan.size());
            Pixels first = read(before.resolve(name));
            Pixels last = read(after.resolve(name));
            plain.add(ValidationMetrics.of(input, target));
            fresh.add(ValidationMetrics.of(first, target));
            trained.add(ValidationMetrics.of(last, target));
            if (rows.size() < SHOWN) {
                rows.add(new ContactSheet.Row(name, List.of(input, first, last, target)));
            }
        }
        Metrics was = ValidationMetrics.mean(fresh, null);
        Metrics is = ValidationMetrics.mean(trained, null);
        say("");
        say("How near to the target, on pairs that it was not trained on:");
        say("                          L1      PSNR    SSIM");
        say("  the label map itself  %s", figures(ValidationMetrics.mean(plain, null)));
        say("  before training       %s", figures(was));
        say("  after training        %s", figures(is));
        say(
                is.l1() < was.l1()
                        ? "It learned: the mean difference is %.0f %% of what it was."
                        : "It did not learn: the mean difference is %.0f %% of what it was. More epochs may help.",
                100 * is.l1() / was.l1());
        String what =
                "%s, %d filters, %d pairs, %d epochs: L1 %.3f before, %.3f after"
                        .formatted(
                                plan.network(),
                                plan.filters(),
                                plan.pairs(),
                                plan.epochs(),
                                was.l1(),
                                is.l1());
        Path sheet = folder.resolve("contact-sheet.png");
        Files.write(
                sheet,
                new ContactSheet(
                                "Pix2Pix demo: pictures it has never seen",
                                what,
                                List.of("input", "before", "after", "target"),
                                rows)
                        .png());
        say("");
        say("Look at %s: input, before, after, target", sheet);
    }

    private static String figures(Metrics m) {
        return String.format(Locale.ROOT, "%.3f  %5.2f dB  %6.3f", m.l1(), m.psnr(), m.ssim());
    }

    private Pixels read(Path file) throws IOException {
        return decoder.decode(Files.readAllBytes(file), 3);
    }

    /** An empty folder; what an earlier demo left there would mislead. */
    private static Path clear(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return Files.createDirectories(folder);
    }

    private void sayWaiting() {
        say("Waiting for the worker");
    }

    private void say(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }
}
