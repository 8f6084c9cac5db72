package io.pix2pix.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.pix2pix.failure.FailureException;
import io.pix2pix.local.LocalStack.Server;
import io.pix2pix.local.LocalStack.Settings;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.LocalStackExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class LocalStackTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final S3Uri KEPT = new S3Uri(LocalStack.BUCKET, "kept");

    private final List<String> said = new ArrayList<>();
    private Path folder;

    @BeforeEach
    void ownFolder(@TempDir Path temporary) {
        folder = temporary;
    }

    @AfterEach
    void stop() {
        LocalStack.stop(folder);
    }

    @Test
    void startsJoinsRecoversAndStops() throws Exception {
        LocalStack first = LocalStack.start(Settings.onFreePorts(folder), said::add);
        write(first);
        assertThat(first.wasRunning()).isFalse();
        assertThat(said).isEmpty();

        LocalStack again = LocalStack.start(Settings.onFreePorts(folder), said::add);
        assertThat(again.wasRunning()).isTrue();
        assertThat(again.bootstrapServers()).isEqualTo(first.bootstrapServers());
        assertThat(again.s3Endpoint()).isEqualTo(first.s3Endpoint());
        assertThat(LocalStack.status(folder)).allMatch(Server::isRunning).hasSize(2);

        ProcessHandle kafka = process(StackFolder.of(folder).kafka());
        kafka.destroyForcibly();
        kafka.onExit().join();
        assertThat(LocalStack.status(folder))
                .extracting(Server::isRunning)
                .containsExactly(false, true);

        LocalStack recovered = LocalStack.start(Settings.onFreePorts(folder), said::add);
        assertThat(said)
                .anyMatch(line -> line.startsWith("Kafka (process " + kafka.pid() + ") is gone"))
                .anyMatch(line -> line.startsWith("Stopping S3"));
        assertThatEverythingIsKept(recovered);

        assertThat(LocalStack.stop(folder)).extracting(Server::name).containsExactly("Kafka", "S3");
        assertThat(LocalStack.status(folder)).noneMatch(Server::isRunning);
        assertThat(LocalStack.stop(folder)).isEmpty();
    }

    @Test
    void endsWithItsJvmEvenWhenThatIsKilled() throws Exception {
        Process parent =
                new ProcessBuilder(
                                ServerProcess.java(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Dio.pix2pix.local.home="
                                        + System.getProperty("io.pix2pix.local.home"),
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                                EmbeddingProgram.class.getName(),
                                folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = parent.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            List<ProcessHandle> servers =
                    StackFolder.of(folder).servers().stream().map(LocalStackTest::process).toList();

            parent.destroyForcibly();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> servers.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void namesThePortThatIsInUse() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Settings settings = Settings.in(folder, other.getLocalPort(), Ports.free());

            assertThat(failing(settings, "PORT_IN_USE"))
                    .hasMessage(
                            "Port %d, wanted for Kafka, is in use by another program; stop that, or choose another port with --kafka-port"
                                    .formatted(other.getLocalPort()));
        }
    }

    @Test
    void namesTheStackThatHasThePort() {
        int taken = STACK.storage().endpoint().orElseThrow().getPort();

        assertThat(failing(Settings.in(folder, Ports.free(), taken), "PORT_IN_USE"))
                .hasMessageContaining("wanted for S3, is in use by the local stack in ")
                .hasMessageContaining("scripts/pix2pix local stop --dir ")
                .hasMessageContaining("--s3-port");
    }

    @Test
    void leavesAloneTheProcessThatHasAStalePidNow() throws Exception {
        long mine = ProcessHandle.current().pid();
        Path pidFile = folder.resolve("kafka/server.pid");
        Files.createDirectories(pidFile.getParent());
        Files.writeString(pidFile, mine + " 9092\n");

        assertThat(LocalStack.status(folder)).noneMatch(Server::isRunning);
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            failing(Settings.in(folder, other.getLocalPort(), Ports.free()), "PORT_IN_USE");
        }

        assertThat(said)
                .containsExactly(
                        "Kafka (process %d) is gone without having been stopped; starting it anew"
                                .formatted(mine));
        assertThat(pidFile).doesNotExist();
    }

    @Test
    void readsAPidFileThatWasCutShort() throws IOException {
        Path pidFile = folder.resolve("s3/server.pid");
        Files.createDirectories(pidFile.getParent());
        Files.writeString(pidFile, "12");

        assertThat(LocalStack.status(folder)).noneMatch(Server::isRunning);
        assertThat(LocalStack.stop(folder)).isEmpty();
        assertThat(pidFile).doesNotExist();
    }

    @Test
    void showsTheEndOfTheLogOfAServerThatDies(@TempDir Path home) throws IOException {
        Files.createFile(home.resolve("s3proxy.jar"));
        Files.createSymbolicLink(
                home.resolve("kafka"),
                Path.of(System.getProperty("io.pix2pix.local.home")).resolve("kafka"));
        Settings settings = new Settings(home, folder, Ports.free(), Ports.free());

        assertThat(failing(settings, "LOCAL_SERVER_DIED"))
                .hasMessageContaining("S3 ended while starting; its log ")
                .hasMessageContaining("s3proxy.jar");

        assertThat(LocalStack.status(folder)).noneMatch(Server::isRunning);
    }

    @Test
    void saysWhatIsMissing(@TempDir Path empty) throws IOException {
        Path file = Files.createFile(empty.resolve("file"));

        assertThat(failing(new Settings(empty, folder, 1, 2), "LOCAL_JARS"))
                .hasMessageContaining(empty.toString())
                .hasMessageContaining("mvn package");
        assertThat(failing(Settings.onFreePorts(file), "LOCAL_FOLDER"))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("--dir");
        assertThat(LocalStack.status(empty.resolve("none"))).noneMatch(Server::isRunning);
        assertThat(LocalStack.stop(empty.resolve("none"))).isEmpty();
    }

    private FailureException failing(Settings settings, String code) {
        FailureException e =
                catchThrowableOfType(
                        FailureException.class, () -> LocalStack.start(settings, said::add));
        assertThat(e).isNotNull();
        assertThat(e.failure().code()).isEqualTo(code);
        return e;
    }

    private static void write(LocalStack stack) throws Exception {
        try (ObjectStore store = new ObjectStore(stack.storage());
                Admin admin = admin(stack)) {
            store.create(KEPT, new byte[3], "a/b", Map.of("k", "v"));
            admin.createTopics(List.of(new NewTopic("kept", Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
    }

    private static void assertThatEverythingIsKept(LocalStack stack) throws Exception {
        try (ObjectStore store = new ObjectStore(stack.storage());
                Admin admin = admin(stack)) {
            assertThat(store.head(KEPT).orElseThrow().metadata()).isEqualTo(Map.of("k", "v"));
            assertThat(admin.listTopics().names().get()).contains("kept");
        }
    }

    private static Admin admin(LocalStack stack) {
        return Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()));
    }

    private static ProcessHandle process(ServerProcess server) {
        return server.running().orElseThrow().process();
    }
}
