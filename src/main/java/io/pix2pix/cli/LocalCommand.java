package io.pix2pix.cli;

import io.pix2pix.local.LocalStack;
import io.pix2pix.local.LocalStack.Server;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "local",
        mixinStandardHelpOptions = true,
        description = "A real Kafka broker and a real S3 server on this machine, for trying out.",
        synopsisSubcommandLabel = "start|stop|status")
final class LocalCommand implements Runnable {
    private static final String FOLDER = "${sys:io.pix2pix.local.folder:-.pix2pix}";
    private static final String FOLDER_HELP =
            "where data, logs and pid files are; default: ${DEFAULT-VALUE}";

    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
        CommandSpec known = Objects.requireNonNull(spec, "set by picocli");
        throw new ParameterException(known.commandLine(), "Missing start, stop or status");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Starts both in the background and waits until they answer.")
    int start(
            @Option(
                            names = "--dir",
                            paramLabel = "FOLDER",
                            defaultValue = FOLDER,
                            description = FOLDER_HELP)
                    Path folder,
            @Option(
                            names = "--kafka-port",
                            paramLabel = "PORT",
                            defaultValue = "" + LocalStack.KAFKA_PORT,
                            description = "default: ${DEFAULT-VALUE}")
                    int kafkaPort,
            @Option(
                            names = "--s3-port",
                            paramLabel = "PORT",
                            defaultValue = "" + LocalStack.S3_PORT,
                            description = "default: ${DEFAULT-VALUE}")
                    int s3Port) {
        LocalStack.Settings settings = LocalStack.Settings.in(folder, kafkaPort, s3Port);
        LocalStack stack = LocalStack.start(settings, out()::println);
        out().println(
                        stack.wasRunning()
                                ? "Kafka and S3 are running already:"
                                : "Kafka and S3 are running:");
        out().printf("  Kafka  %s%n", stack.bootstrapServers());
        out().printf(
                        "  S3     %s  bucket %s, access key %s, secret key %s%n",
                        stack.s3Endpoint(),
                        LocalStack.BUCKET,
                        stack.storage().accessKey().orElse(""),
                        stack.storage().secretKey().orElse(""));
        out().flush();
        return 0;
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Stops both; what they hold stays on disk.")
    int stop(
            @Option(
                            names = "--dir",
                            paramLabel = "FOLDER",
                            defaultValue = FOLDER,
                            description = FOLDER_HELP)
                    Path folder) {
        List<Server> stopped = LocalStack.stop(folder);
        if (stopped.isEmpty()) {
            out().println("Nothing runs in " + folder);
        }
        stopped.forEach(server -> out().println("Stopped " + server.name()));
        out().flush();
        return 0;
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {"Says what runs.", "Exit code: 0 both run, 1 one or none."})
    int status(
            @Option(
                            names = "--dir",
                            paramLabel = "FOLDER",
                            defaultValue = FOLDER,
                            description = FOLDER_HELP)
                    Path folder) {
        List<Server> servers = LocalStack.status(folder);
        for (Server server : servers) {
            out().println(
                            server.isRunning()
                                    ? "%-5s  runs on 127.0.0.1:%d, process %d, log %s"
                                            .formatted(
                                                    server.name(),
                                                    server.port(),
                                                    server.pid(),
                                                    server.log())
                                    : "%-5s  does not run".formatted(server.name()));
        }
        out().flush();
        return servers.stream().allMatch(Server::isRunning) ? 0 : 1;
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec, "set by picocli").commandLine().getOut();
    }
}
