package io.pix2pix.cli;

import io.pix2pix.local.LocalStack;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Topics;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.worker.Settings;
import java.io.PrintWriter;
import java.nio.file.Path;
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
            "Trains and translates on this machine: starts a real Kafka, a real S3 server and a worker,",
            "draws pairs of pictures, trains a small generator on them by a job in a topic, translates",
            "others with it by another job, shows what it learned, and stops everything again."
        })
final class DemoCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--seed",
            defaultValue = "42",
            description = "of pictures and weights; default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--pairs",
            defaultValue = "64",
            description = "to train on; default: ${DEFAULT-VALUE}")
    private int pairs;

    @Option(
            names = "--held-out",
            defaultValue = "8",
            description = "pairs to judge by; default: ${DEFAULT-VALUE}")
    private int heldOut;

    @Option(
            names = "--epochs",
            defaultValue = "20",
            description = "of training; default: ${DEFAULT-VALUE}")
    private int epochs;

    @Option(names = "--size", defaultValue = "128", hidden = true)
    private int size;

    @Option(names = "--network", defaultValue = "unet_128", hidden = true)
    private String network = "";

    @Option(names = "--filters", defaultValue = "16", hidden = true)
    private int filters;

    @Option(names = "--discriminator-layers", defaultValue = "3", hidden = true)
    private int discriminatorLayers;

    @Option(names = "--learning-rate", defaultValue = "5e-4", hidden = true)
    private double learningRate;

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
                Demo.Plan plan =
                        new Demo.Plan(
                                seed,
                                pairs,
                                heldOut,
                                epochs,
                                size,
                                network,
                                filters,
                                discriminatorLayers,
                                learningRate);
                return new Demo(plan, folder, clients, store, out).run();
            }
        }
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
