package io.pix2pix.bench;

import io.pix2pix.engine.EngineSettings;
import io.pix2pix.engine.Generator;
import io.pix2pix.engine.Generators;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.engine.WaitingGenerator;
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
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;
import io.pix2pix.local.LocalStack;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.InitialWeights;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.translation.TranslationDevice;
import io.pix2pix.worker.Settings;
import io.pix2pix.worker.Worker;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The whole translation path (S3 to S3 through Kafka, a worker in this process) beside its parts,
 * each measured alone over the same pictures in the same run, in turns.
 */
public final class TranslateBench {
    /**
     * What to measure.
     *
     * @param files pictures, used again under other names until there are enough
     * @param images pictures a pass
     * @param rounds passes of which the median counts
     * @param standIn a device that only takes this long an image; null: the network on the CPU or
     *     GPU
     * @param filters of the generator, a unet_256 with random weights
     */
    public record Plan(
            List<Path> files,
            int images,
            Side side,
            int rounds,
            @Nullable Duration standIn,
            int filters,
            int shardSize) {}

    /** The medians of all passes. */
    record Row(String name, List<Measured> measured) {}

    private static final int SIZE = 256;

    /** Passes until the JVM has compiled what counts. */
    private static final int WARM_UP = 2;

    private final Plan plan;
    private final Path folder;
    private final PrintWriter out;
    private final List<byte[]> pictures = new ArrayList<>();

    /**
     * @param folder for the servers' data and the model; may be deleted afterwards
     */
    public TranslateBench(Plan plan, Path folder, PrintWriter out) {
        this.plan = plan;
        this.folder = folder;
        this.out = out;
    }

    /** Measures and prints a table. */
    public void run() throws Exception {
        for (int i = 0; i < plan.images(); i++) {
            pictures.add(Files.readAllBytes(plan.files().get(i % plan.files().size())));
        }
        Path model = folder.resolve("generator.pt");
        GeneratorSpec spec =
                new GeneratorSpec(
                        Architecture.parse("unet_256"),
                        plan.filters(),
                        3,
                        3,
                        NormKind.BATCH,
                        false);
        new GeneratorArchive(spec, Statistics.INSTANCE, InitialWeights.normal(spec.layers(), 42))
                .write(model);
        try (LocalStack stack =
                        LocalStack.embed(
                                LocalStack.Settings.onFreePorts(folder.resolve("stack")),
                                out::println);
                ObjectStore store = new ObjectStore(stack.storage());
                Generator generator = generator(model)) {
            upload(store, model);
            measure(stack, generator);
        }
    }

    private void measure(LocalStack stack, Generator generator) throws Exception {
        Settings settings = settings(stack);
        Worker worker = settings.worker();
        worker.start();
        TranslationDevice device = worker.devices().get(0);
        Row forward = new Row("forward, bare loop", new ArrayList<>());
        Row decode = new Row("decode", new ArrayList<>());
        Row resize = new Row("resize", new ArrayList<>());
        Row encode = new Row("encode (PNG)", new ArrayList<>());
        Row whole = new Row("whole path", new ArrayList<>());
        List<Double> busy = new ArrayList<>();
        List<Double> used = new ArrayList<>();
        try (JobClient path = new JobClient(settings)) {
            for (int round = 1 - WARM_UP; round <= plan.rounds(); round++) {
                List<Pixels> decoded = new ArrayList<>();
                List<Pixels> inputs = new ArrayList<>();
                List<Pixels> outputs = new ArrayList<>();
                Measured d = one(() -> pictures.forEach(p -> decoded.add(decode(p))));
                Measured r =
                        one(() -> decoded.forEach(p -> inputs.add(Resize.bicubic(p, SIZE, SIZE))));
                Measured f = one(() -> forward(generator, inputs, outputs, device.batchSize()));
                Measured e = one(() -> outputs.forEach(Encoder::png));
                var unused = device.takeUse();
                String id = "bench-" + (round + WARM_UP);
                List<JobStatus> statuses = new ArrayList<>();
                Measured w = one(() -> statuses.addAll(path.run(job(id))));
                TranslationDevice.Use use = device.takeUse();
                if (round > 0) {
                    decode.measured().add(d);
                    resize.measured().add(r);
                    forward.measured().add(f);
                    encode.measured().add(e);
                    whole.measured().add(w);
                    busy.add(use.share());
                    used.add(use.busyNanos() / (double) activeNanos(statuses));
                }
            }
            print(List.of(decode, resize, forward, encode), whole, busy, used);
        } finally {
            worker.drain();
        }
    }

    private Measured one(Measured.Work work) throws Exception {
        return Measured.of(plan.images(), work);
    }

    private Pixels decode(byte[] picture) {
        return new Decoder().decode(picture, 3, region());
    }

    private Region region() {
        return switch (plan.side()) {
            case WHOLE -> Region.WHOLE;
            case LEFT -> Region.LEFT;
            case RIGHT -> Region.RIGHT;
        };
    }

    private static void forward(
            Generator generator, List<Pixels> inputs, List<Pixels> outputs, int batch) {
        for (int i = 0; i < inputs.size(); i += batch) {
            outputs.addAll(
                    generator.translate(inputs.subList(i, Math.min(i + batch, inputs.size()))));
        }
    }

    private void print(List<Row> parts, Row whole, List<Double> busy, List<Double> used)
            throws IOException {
        out.printf("%n%-22s %10s %12s %12s%n", "", "images/s", "ms/image", "core-ms/image");
        double sum = 0;
        for (Row part : parts) {
            print(part);
            sum += Measured.median(part.measured(), Measured::coreMillis);
        }
        out.printf("%-22s %10s %12s %12.1f%n", "sum of the parts", "", "", sum);
        print(whole);
        double core = Measured.median(whole.measured(), Measured::coreMillis);
        out.printf("%nwhole path / sum of the parts, core-ms: %.3f%n", core / sum);
        out.printf("device busy, first to last batch:        %.3f%n", median(busy));
        out.printf("device busy, first task to report:       %.3f%n", median(used));
        out.printf(
                "peak resident memory of this process:   %,d MiB%n",
                TrainBench.residentMiB("VmHWM:"));
        out.printf(
                "%d images a pass, median of %d passes in turns, %d cores%n",
                plan.images(), plan.rounds(), Runtime.getRuntime().availableProcessors());
        out.flush();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
    }

    private void print(Row row) {
        out.printf(
                "%-22s %10.1f %12.1f %12.1f%n",
                row.name(),
                Measured.median(row.measured(), Measured::imagesPerSecond),
                Measured.median(row.measured(), Measured::wallMillis),
                Measured.median(row.measured(), Measured::coreMillis));
    }

    private Generator generator(Path model) {
        Duration standIn = plan.standIn();
        return standIn == null
                ? new Generators(TensorEngine.open(EngineSettings.DEFAULT)).load(model, null)
                : new WaitingGenerator(3, 3, 1, standIn);
    }

    private Settings settings(LocalStack stack) {
        Duration standIn = plan.standIn();
        Map<String, String> device =
                standIn == null
                        ? Map.of()
                        : Map.of(
                                "pix2pix.device",
                                "stand-in",
                                "pix2pix.stand-in.per-image",
                                standIn.toMillis() + "ms");
        return JobClient.settings(stack, folder, device);
    }

    /** From the first task's start to the end of the job. */
    private static long activeNanos(List<JobStatus> statuses) {
        JobStatus end = statuses.get(statuses.size() - 1);
        return Duration.between(Objects.requireNonNull(end.startedAt()), end.updatedAt()).toNanos();
    }

    private void upload(ObjectStore store, Path model) {
        store.upload(model, base().resolve("g.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < pictures.size(); i++) {
            store.create(
                    base().resolve("in/%05d.jpg".formatted(i)),
                    pictures.get(i),
                    "image/jpeg",
                    Map.of());
        }
    }

    private TranslationJob job(String id) {
        return new TranslationJob(
                id,
                new Model(base().resolve("g.pt").toString(), null),
                new Input(
                        base().resolve("in/").toString(), List.of(), List.of(), plan.side(), false),
                new Output(
                        base().resolve("out/" + id + "/").toString(),
                        Format.PNG,
                        95,
                        IfExists.FAIL),
                new Size(Size.Mode.RESIZE, SIZE, SIZE),
                plan.shardSize());
    }

    private static S3Uri base() {
        return new S3Uri(LocalStack.BUCKET, "bench/");
    }
}
