package io.pix2pix.local;

import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.StorageSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker and a real S3 server on this machine, as child processes that keep their
 * data, logs and pid files in one folder.
 *
 * <p>{@link #start} leaves them running when this JVM ends; {@link #embed} ends them with it,
 * however it ends. Either joins a stack that runs in the folder already. Starting and stopping in
 * one folder is serialized between processes by a lock file. Safe to share between threads.
 */
public final class LocalStack implements AutoCloseable {
    /** The bucket that is always there. */
    public static final String BUCKET = "pix2pix";

    /** Where Kafka listens unless told otherwise. */
    public static final int KAFKA_PORT = 9092;

    /** Where the S3 server listens unless told otherwise. */
    public static final int S3_PORT = 9000;

    /**
     * @param home where the build put the servers' jars: {@code kafka/*.jar}, {@code s3proxy.jar}
     * @param folder where data, logs and pid files go
     * @param kafkaPort on 127.0.0.1
     * @param s3Port on 127.0.0.1
     */
    public record Settings(Path home, Path folder, int kafkaPort, int s3Port) {
        /** Jars where the system property {@code io.pix2pix.local.home} says. */
        public static Settings in(Path folder, int kafkaPort, int s3Port) {
            String home = System.getProperty("io.pix2pix.local.home", "target/local");
            return new Settings(Path.of(home).toAbsolutePath(), folder, kafkaPort, s3Port);
        }

        /** As {@link #in}, on ports that are free now. */
        public static Settings onFreePorts(Path folder) {
            return in(folder, Ports.free(), Ports.free());
        }
    }

    /**
     * One of the two servers.
     *
     * @param port where it listens; null when it does not run
     * @param pid null when it does not run
     */
    public record Server(String name, @Nullable Integer port, @Nullable Long pid, Path log) {
        public boolean isRunning() {
            return pid != null;
        }
    }

    private final StackFolder folder;
    private final int kafkaPort;
    private final int s3Port;
    private final @Nullable Watchdog watchdog;
    private final boolean joined;
    private final AtomicBoolean closed = new AtomicBoolean();

    private LocalStack(
            StackFolder folder,
            int kafkaPort,
            int s3Port,
            @Nullable Watchdog watchdog,
            boolean joined) {
        this.folder = folder;
        this.kafkaPort = kafkaPort;
        this.s3Port = s3Port;
        this.watchdog = watchdog;
        this.joined = joined;
    }

    /**
     * Starts both servers, unless they run, and returns when they answer and {@link #BUCKET} is
     * there. They run on until {@link #stop}.
     *
     * @param say told what is worth telling a person
     * @throws FailureException PORT_IN_USE, LOCAL_JARS, LOCAL_FOLDER, LOCAL_SERVER_DIED
     */
    public static LocalStack start(Settings settings, Consumer<String> say) {
        return open(settings, say, false);
    }

    /** As {@link #start}, but what this call starts ends with {@link #close} or with this JVM. */
    public static LocalStack embed(Settings settings, Consumer<String> say) {
        return open(settings, say, true);
    }

    /** Where the stack of this folder keeps its things, unless another place is named. */
    public static Path folder() {
        return Path.of(System.getProperty("io.pix2pix.local.folder", ".pix2pix"));
    }

    /** What runs in the folder: Kafka, then S3. */
    public static List<Server> status(Path folder) {
        Path absolute = folder.toAbsolutePath();
        StackFolder known =
                Files.isDirectory(absolute) ? StackFolder.of(absolute) : new StackFolder(absolute);
        return known.servers().stream().map(LocalStack::describe).toList();
    }

    /** Stops what runs in the folder, data stay; returns the servers that ran. */
    public static List<Server> stop(Path folder) {
        return Files.isDirectory(folder) ? stop(StackFolder.of(folder)) : List.of();
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + kafkaPort;
    }

    public URI s3Endpoint() {
        return URI.create("http://127.0.0.1:" + s3Port);
    }

    /** How an object store reaches the S3 server. */
    public StorageSettings storage() {
        return storage(s3Port);
    }

    /** Whether the servers ran already when this was made. */
    public boolean wasRunning() {
        return joined;
    }

    /** Ends the servers if {@link #embed} started them. */
    @Override
    public void close() {
        if (watchdog != null && closed.compareAndSet(false, true)) {
            stop(folder);
            watchdog.close();
        }
    }

    private static LocalStack open(Settings settings, Consumer<String> say, boolean embedded) {
        requireJars(settings.home());
        StackFolder folder = StackFolder.prepare(settings.folder());
        return folder.locked(
                () ->
                        join(folder)
                                .orElseGet(
                                        () -> {
                                            clear(folder, say);
                                            return launch(settings, folder, embedded);
                                        }));
    }

    private static Optional<LocalStack> join(StackFolder folder) {
        return folder.kafka()
                .running()
                .flatMap(
                        kafka ->
                                folder.s3()
                                        .running()
                                        .map(
                                                s3 ->
                                                        new LocalStack(
                                                                folder,
                                                                kafka.port(),
                                                                s3.port(),
                                                                null,
                                                                true)));
    }

    /** Removes what a crash left: pid files without a process, one server without the other. */
    private static void clear(StackFolder folder, Consumer<String> say) {
        for (ServerProcess server : folder.servers()) {
            server.stalePid()
                    .ifPresent(
                            pid ->
                                    say.accept(
                                            "%s (process %d) is gone without having been stopped; starting it anew"
                                                    .formatted(server.name(), pid)));
            server.running()
                    .ifPresent(
                            running ->
                                    say.accept(
                                            "Stopping %s (process %d), which was left alone"
                                                    .formatted(
                                                            server.name(),
                                                            running.process().pid())));
            server.stop();
        }
    }

    private static LocalStack launch(Settings settings, StackFolder folder, boolean embedded) {
        int kafkaPort = settings.kafkaPort();
        int s3Port = settings.s3Port();
        Ports.requireFree(kafkaPort, "Kafka", "--kafka-port");
        Ports.requireFree(s3Port, "S3", "--s3-port");
        ServerProcess kafka = folder.kafka();
        ServerProcess s3 = folder.s3();
        Watchdog watchdog = null;
        try {
            ProcessHandle s3Process =
                    new S3Server(s3, settings.home().resolve("s3proxy.jar")).start(s3Port);
            ProcessHandle kafkaProcess =
                    new KafkaServer(kafka, settings.home().resolve("kafka"))
                            .start(kafkaPort, Ports.free());
            if (embedded) {
                watchdog = Watchdog.over(List.of(kafkaProcess, s3Process));
            }
            Readiness.awaitS3(s3, s3Process, s3Port, storage(s3Port));
            Readiness.awaitKafka(kafka, kafkaProcess, kafkaPort);
            LocalStack stack = new LocalStack(folder, kafkaPort, s3Port, watchdog, false);
            if (embedded) {
                Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "local-stack-stop"));
            }
            return stack;
        } catch (RuntimeException e) {
            folder.servers().forEach(ServerProcess::stop);
            if (watchdog != null) {
                watchdog.close();
            }
            throw e;
        }
    }

    private static List<Server> stop(StackFolder folder) {
        return folder.locked(
                () -> {
                    List<Server> running =
                            folder.servers().stream()
                                    .map(LocalStack::describe)
                                    .filter(Server::isRunning)
                                    .toList();
                    folder.servers().parallelStream().forEach(ServerProcess::stop);
                    return running;
                });
    }

    private static Server describe(ServerProcess server) {
        return server.running()
                .map(
                        running ->
                                new Server(
                                        server.name(),
                                        running.port(),
                                        running.process().pid(),
                                        server.log()))
                .orElseGet(() -> new Server(server.name(), null, null, server.log()));
    }

    private static StorageSettings storage(int port) {
        return StorageSettings.at(
                URI.create("http://127.0.0.1:" + port), S3Server.ACCESS_KEY, S3Server.SECRET_KEY);
    }

    private static void requireJars(Path home) {
        boolean complete =
                Files.isRegularFile(home.resolve("s3proxy.jar"))
                        && Files.isDirectory(home.resolve("kafka"));
        if (!complete) {
            throw LocalFailures.of(
                    "LOCAL_JARS",
                    "The jars of local Kafka and S3 are not in %s; mvn package puts them there"
                            .formatted(home),
                    null);
        }
    }
}
