package io.pix2pix.cli;

import io.pix2pix.bench.ApiBench;
import io.pix2pix.bench.TrainBench;
import io.pix2pix.bench.TranslateBench;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures speed on this machine.",
        synopsisSubcommandLabel = "translate|train|api")
final class BenchCommand implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                known().commandLine(), "Missing what to measure: translate, train or api");
    }

    @Command(
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "The whole path from S3 to S3 through Kafka beside its parts, each measured alone in the same run.",
                "Servers of its own on free ports, in a temporary folder."
            })
    int translate(
            @Option(
                            names = "--input",
                            required = true,
                            paramLabel = "FOLDER",
                            description = "pictures; used again until there are enough")
                    Path input,
            @Option(names = "--side", defaultValue = "WHOLE", description = "whole, left, right")
                    Side side,
            @Option(
                            names = "--images",
                            defaultValue = "256",
                            description = "a pass; default: ${DEFAULT-VALUE}")
                    int images,
            @Option(
                            names = "--rounds",
                            defaultValue = "3",
                            description = "passes; default: ${DEFAULT-VALUE}")
                    int rounds,
            @Option(
                            names = "--filters",
                            defaultValue = "64",
                            description = "of the unet_256; default: ${DEFAULT-VALUE}")
                    int filters,
            @Option(
                            names = "--shard-size",
                            defaultValue = "64",
                            description = "images a task; default: ${DEFAULT-VALUE}")
                    int shardSize,
            @Option(
                            names = "--stand-in",
                            paramLabel = "MS",
                            description =
                                    "instead of the network, a device that only takes this long an image")
                    @Nullable Integer standIn)
            throws Exception {
        Duration perImage = standIn == null ? null : Duration.ofMillis(standIn);
        TranslateBench.Plan plan =
                new TranslateBench.Plan(
                        pictures(input), images, side, rounds, perImage, filters, shardSize);
        return inTemporaryFolder(
                folder -> new TranslateBench(plan, folder, known().commandLine().getOut()).run());
    }

    @Command(
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "The training loop from pairs in S3, by a job through Kafka, beside the bare step on tensors in memory, in the same run.",
                "Servers of its own on free ports, in a temporary folder."
            })
    int train(
            @Option(
                            names = "--input",
                            required = true,
                            paramLabel = "FOLDER",
                            description = "side-by-side pairs; used again until there are enough")
                    Path input,
            @Option(
                            names = "--pairs",
                            defaultValue = "40",
                            description = "steps an epoch; default: ${DEFAULT-VALUE}")
                    int pairs,
            @Option(
                            names = "--epochs",
                            defaultValue = "3",
                            description =
                                    "a job; the first does not count; default: ${DEFAULT-VALUE}")
                    int epochs,
            @Option(
                            names = "--rounds",
                            defaultValue = "3",
                            description = "jobs; default: ${DEFAULT-VALUE}")
                    int rounds,
            @Option(
                            names = "--network",
                            defaultValue = "unet_256",
                            description = "default: ${DEFAULT-VALUE}")
                    String network,
            @Option(
                            names = "--filters",
                            defaultValue = "64",
                            description = "of both networks; default: ${DEFAULT-VALUE}")
                    int filters,
            @Option(
                            names = "--size",
                            defaultValue = "256",
                            description = "pixels; default: ${DEFAULT-VALUE}")
                    int size,
            @Option(
                            names = "--precision",
                            defaultValue = "float32",
                            description = "or bfloat16; default: ${DEFAULT-VALUE}")
                    String precision)
            throws Exception {
        TrainBench.Plan plan =
                new TrainBench.Plan(
                        pictures(input), pairs, epochs, rounds, network, filters, size, precision);
        return inTemporaryFolder(
                folder -> new TrainBench(plan, folder, known().commandLine().getOut()).run());
    }

    @Command(
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "How fast a coordinator answers over HTTP when it knows many jobs, one of them large.",
                "Servers of its own on free ports, in a temporary folder."
            })
    int api(
            @Option(
                            names = "--jobs",
                            defaultValue = "10000",
                            description = "beside the large one; default: ${DEFAULT-VALUE}")
                    int jobs,
            @Option(
                            names = "--images",
                            defaultValue = "1000000",
                            description = "of the large one; default: ${DEFAULT-VALUE}")
                    int images,
            @Option(
                            names = "--rounds",
                            defaultValue = "100",
                            description = "requests of each kind; default: ${DEFAULT-VALUE}")
                    int rounds)
            throws Exception {
        ApiBench.Plan plan = new ApiBench.Plan(jobs, images, rounds);
        return inTemporaryFolder(
                folder ->
                        new ApiBench(plan, folder, known().commandLine().getOut())
                                .run(settings -> coordinator(settings, folder)));
    }

    private static ApiBench.Running coordinator(Map<String, String> settings, Path folder)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(settings);
        all.put("quarkus.http.port", "0");
        Path log = folder.resolve("coordinator.log");
        WorkerChild child = WorkerChild.start(all, log);
        URI uri = child.http();
        return new ApiBench.Running() {
            @Override
            public URI uri() {
                return uri;
            }

            @Override
            public void close() {
                child.close();
            }
        };
    }

    private interface Bench {
        void run(Path folder) throws Exception;
    }

    private static int inTemporaryFolder(Bench bench) throws Exception {
        Path folder = Files.createTempDirectory("pix2pix-bench-");
        try {
            bench.run(folder);
        } finally {
            delete(folder);
        }
        return 0;
    }

    private static List<Path> pictures(Path input) throws IOException {
        try (Stream<Path> files = Files.walk(input)) {
            List<Path> pictures = files.filter(Files::isRegularFile).sorted().toList();
            if (pictures.isEmpty()) {
                throw new FailureException(
                        Failure.permanent(
                                Stage.SUBMIT, "NO_INPUT", "--input: no file in " + input));
            }
            return pictures;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private CommandSpec known() {
        return Objects.requireNonNull(spec, "set by picocli");
    }
}
