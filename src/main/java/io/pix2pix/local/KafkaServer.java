package io.pix2pix.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/** A single Kafka node, broker and controller in one (KRaft, combined mode). */
final class KafkaServer {
    private static final String LOGGING =
            """
            rootLogger.level=warn
            rootLogger.appenderRef.console.ref=console
            appender.console.type=Console
            appender.console.name=console
            appender.console.layout.type=PatternLayout
            appender.console.layout.pattern=%d{ISO8601} %p %m (%c)%n
            """;

    private final ServerProcess process;
    private final Path jars;
    private final Map<String, String> more;

    KafkaServer(ServerProcess process, Path jars) {
        this(process, jars, Map.of());
    }

    /**
     * @param more properties of the broker beside those it gets anyway
     */
    KafkaServer(ServerProcess process, Path jars, Map<String, String> more) {
        this.process = process;
        this.jars = jars;
        this.more = Map.copyOf(more);
    }

    /** Writes the configuration, formats the log folder the first time, and starts. */
    ProcessHandle start(int port, int controllerPort) {
        try {
            Files.writeString(file("log4j2.properties"), LOGGING);
            Files.writeString(file("server.properties"), configuration(port, controllerPort));
            if (!Files.exists(data().resolve("meta.properties"))) {
                format();
            }
        } catch (IOException e) {
            throw LocalFailures.io("prepare " + process.folder(), e);
        }
        return process.spawn(port, java("kafka.Kafka", file("server.properties").toString()));
    }

    /** One node holds every replica; small internal topics start faster. */
    private String configuration(int port, int controllerPort) {
        return """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%2$d
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        controller.listener.names=CONTROLLER
        inter.broker.listener.name=PLAINTEXT
        log.dirs=%3$s
        default.replication.factor=1
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        share.coordinator.state.topic.num.partitions=4
        group.initial.rebalance.delay.ms=0
        message.max.bytes=16777216
        replica.fetch.max.bytes=16777216
        """
                        .formatted(port, controllerPort, data().toString().replace("\\", "\\\\"))
                + more.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue() + "\n")
                        .collect(Collectors.joining());
    }

    private void format() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ServerProcess.java());
        command.addAll(
                java(
                        "kafka.tools.StorageTool",
                        "format",
                        "--ignore-formatted",
                        "--cluster-id",
                        Uuid.randomUuid().toString(),
                        "--config",
                        file("server.properties").toString()));
        Process tool =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(process.log().toFile())
                        .start();
        try {
            if (!tool.waitFor(1, TimeUnit.MINUTES) || tool.exitValue() != 0) {
                throw process.died("could not format " + data());
            }
        } catch (InterruptedException e) {
            throw LocalFailures.interrupted("starting Kafka", e);
        } finally {
            tool.destroyForcibly();
        }
    }

    private List<String> java(String mainClass, String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Dlog4j2.configurationFile=" + file("log4j2.properties"),
                                "-cp",
                                jars + "/*",
                                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    private Path data() {
        return file("data");
    }

    private Path file(String name) {
        return process.folder().resolve(name);
    }
}
