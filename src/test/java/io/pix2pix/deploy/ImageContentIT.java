package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code deploy/Dockerfile} puts into the image, run without Docker: its command that unpacks
 * the native libraries, its environment, its entry point and, where this test may choose, its user.
 */
@Timeout(300)
class ImageContentIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final String DOCKERFILE = Files.text("deploy/Dockerfile");

    /** Continued lines are one. */
    private static final String LINES = DOCKERFILE.replaceAll("\\\\\\n\\s*", " ");

    private static final int NOBODY = 10001;
    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    @TempDir static Path folder;
    private static String prefix;
    private static Path natives;
    private static Path cache;
    private static Path log;
    private static Map<Path, FileTime> unpacked;
    private static Process process;
    private static long startNanos;

    @BeforeAll
    static void start() throws Exception {
        java.nio.file.Files.setPosixFilePermissions(
                folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        natives = folder.resolve("natives");
        cache = writable("cache");
        log = folder.resolve("log");
        prefix = STACK.name("image") + ".";
        unpack();
        unpacked = files(natives);
        startNanos = System.nanoTime();
        process = run();
        await().atMost(Duration.ofSeconds(90))
                .until(() -> log().contains(" is ready: ") || !process.isAlive());
        assertThat(process.isAlive()).describedAs(log()).isTrue();
    }

    @AfterAll
    static void stop() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }

    private static Path writable(String name) throws IOException {
        Path made = java.nio.file.Files.createDirectory(folder.resolve(name));
        return java.nio.file.Files.setPosixFilePermissions(
                made, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    /** As the Dockerfile does it. */
    private static void unpack() throws IOException, InterruptedException {
        String command = Files.found("(?m)^RUN (.*UnpackNatives.*)$", LINES).iterator().next();
        Process unpacking =
                new ProcessBuilder("sh", "-c", command.replace("/natives", natives.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        assertThat(unpacking.waitFor()).describedAs(log()).isZero();
    }

    private static Process run() throws IOException {
        List<String> command = new ArrayList<>();
        if (ROOT) {
            command.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=" + NOBODY,
                            "--regid=" + NOBODY,
                            "--clear-groups",
                            "--bounding-set=-all"));
        }
        command.addAll(List.of("deploy/entrypoint.sh", "worker"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("HOME", "/nonexistent");
        builder.environment().putAll(environment());
        List<String> options = new ArrayList<>(STACK.settings());
        options.addAll(
                List.of(
                        "-XX:MaxRAMPercentage=10",
                        "-Djava.io.tmpdir=" + writable("tmp"),
                        "-Dpix2pix.kafka.prefix=" + prefix,
                        "-Dpix2pix.api.allow-anonymous=true",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=0"));
        builder.environment().put("PIX2PIX_JAVA_OPTS", String.join(" ", options));
        builder.environment()
                .put("APPLICATION_JAR", Path.of("target/quarkus-app/quarkus-run.jar").toString());
        return builder.start();
    }

    /** What the last stage's ENV sets, its folders being those of this test. */
    private static Map<String, String> environment() {
        String last = LINES.substring(LINES.indexOf(" AS pix2pix"));
        String line = Files.found("(?m)^ENV (.*)$", last).iterator().next();
        Map<String, String> found = new TreeMap<>();
        Matcher setting = Pattern.compile("(\\w+)=(\\S+)").matcher(line);
        while (setting.find()) {
            found.put(
                    setting.group(1),
                    setting.group(2)
                            .replace("/opt/pix2pix/natives", natives.toString())
                            .replace("/var/cache/pix2pix", cache.toString()));
        }
        assertThat(found).containsKeys("PIX2PIX_NATIVES", "DJL_OFFLINE", "QUARKUS_HTTP_HOST");
        return found;
    }

    @Test
    void aStrangerWithoutAHomeTranslatesWithTheLibrariesThatTheImageHas() throws Exception {
        Duration ready = Duration.ofNanos(System.nanoTime() - startNanos);
        long idle = resident();
        S3Uri base = STACK.prefix();
        Path model = folder.resolve("g.pt");
        Models.small(model, 3, 1);
        STACK.store().upload(model, base.resolve("g.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < 3; i++) {
            STACK.store()
                    .create(
                            base.resolve("in/%d.png".formatted(i)),
                            Pictures.png(64, 64, i),
                            "image/png",
                            Map.of());
        }
        try (KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix)) {
            long submitted = System.nanoTime();
            user.write(
                    "translation-jobs",
                    "image",
                    """
                    {"jobId": "image", "model": {"uri": "%s"}, "input": {"uri": "%s"},
                     "output": {"uri": "%s"}, "size": {"width": 32, "height": 32}}
                    """
                            .formatted(
                                    base.resolve("g.pt"),
                                    base.resolve("in/"),
                                    base.resolve("out/")));
            assertThat(user.awaitEnd("image").state())
                    .describedAs(log())
                    .isEqualTo(State.SUCCEEDED);
            System.out.printf(
                    Locale.ROOT,
                    "image content, all roles: ready after %.1f s, a first job done %.1f s after its"
                            + " submission; resident memory idle %d MiB, then %d MiB%n",
                    ready.toMillis() / 1000.0,
                    (System.nanoTime() - submitted) / 1e9,
                    idle >> 20,
                    resident() >> 20);
        }
        assertThat(files(natives)).describedAs("unpacked at run time").isEqualTo(unpacked);
        assertThat(cache.resolve("models")).isNotEmptyDirectory();
        process.destroy();
        assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).describedAs(log()).isZero();
    }

    private static long resident() {
        String status = Files.text("/proc/" + process.pid() + "/status");
        return Long.parseLong(Files.found("VmRSS:\\s+(\\d+) kB", status).iterator().next()) << 10;
    }

    private static Map<Path, FileTime> files(Path root) {
        Map<Path, FileTime> found = new TreeMap<>();
        try (Stream<Path> all = java.nio.file.Files.walk(root)) {
            for (Path file : all.toList()) {
                found.put(file, java.nio.file.Files.getLastModifiedTime(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static String log() {
        return Files.text(log.toString());
    }
}
