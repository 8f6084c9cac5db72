package io.pix2pix.local;

import io.pix2pix.storage.StorageSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A broker and an S3 server that can be ended and started again over the same data. The broker
 * tells its clients to come by another port, so that a proxy can stand between; locks may be short.
 */
public final class FaultyStack implements AutoCloseable {
    private final Path folder;
    private final ServerProcess kafka;
    private final ServerProcess s3;
    private final Path home;
    private final int kafkaPort = Ports.free();
    private final int controllerPort = Ports.free();
    private final int s3Port = Ports.free();
    private final Map<String, String> broker = new HashMap<>();
    private ProcessHandle kafkaProcess;
    private final ProcessHandle s3Process;

    /**
     * @param folder deleted at the end
     * @param advertisedPort where the broker's clients are sent
     */
    public FaultyStack(Path folder, int advertisedPort) {
        this.folder = folder;
        this.home = LocalStack.Settings.in(folder, 0, 0).home();
        StackFolder files = StackFolder.prepare(folder);
        this.kafka = files.kafka();
        this.s3 = files.s3();
        broker.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + advertisedPort);
        broker.put("group.share.min.record.lock.duration.ms", "1000");
        s3Process = new S3Server(s3, home.resolve("s3proxy.jar")).start(s3Port);
        kafkaProcess = startBroker();
        Readiness.awaitS3(s3, s3Process, s3Port, storage(s3Port));
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "faulty-stack-stop"));
    }

    /** Where the broker really listens. */
    public int kafkaPort() {
        return kafkaPort;
    }

    /** Where the S3 server really listens. */
    public int s3Port() {
        return s3Port;
    }

    /** The S3 server, reached at a port of one's choice. */
    public StorageSettings storage(int port) {
        return StorageSettings.at(
                URI.create("http://127.0.0.1:" + port), S3Server.ACCESS_KEY, S3Server.SECRET_KEY);
    }

    private ProcessHandle startBroker() {
        return new KafkaServer(kafka, home.resolve("kafka"), broker)
                .start(kafkaPort, controllerPort);
    }

    /** Returns when the broker answers; its clients come by the proxy. */
    public void awaitBroker() {
        Readiness.awaitKafka(kafka, kafkaProcess, kafkaPort);
    }

    /** Ends the broker, with {@code kill -9} or as an administrator would, and starts it again. */
    public void restartBroker(boolean abruptly) {
        if (abruptly) {
            kafkaProcess.destroyForcibly();
            kafkaProcess.onExit().join();
        } else {
            kafka.stop();
        }
        kafkaProcess = startBroker();
        awaitBroker();
    }

    private void stop() {
        List.of(kafkaProcess, s3Process).forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() throws IOException {
        stop();
        List.of(kafkaProcess, s3Process).forEach(p -> p.onExit().join());
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
