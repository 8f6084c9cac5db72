package io.pix2pix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The script as a user runs it. */
@Timeout(300)
class CommandLineIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static String prefix;
    private static WorkerProcess worker;
    @TempDir private Path folder;

    private record Ended(int exitCode, String output) {}

    @BeforeAll
    static void start() {
        prefix = STACK.name("cli") + ".";
        worker = WorkerProcess.start(STACK, Map.of("pix2pix.kafka.prefix", prefix)).ready();
    }

    @AfterAll
    static void stop() throws IOException {
        worker.close();
    }

    @Test
    void aLocalFolderIsTranslatedIntoALocalFolder() throws Exception {
        Models.small(folder.resolve("g.pt"), 3, 1);
        write("in/a b/ä.jpg", Pictures.jpeg(64, 64, 1));
        write("in/c.png", Pictures.png(64, 64, 2));
        Ended ended = translate("--size", "64");
        assertThat(ended.output()).contains("SUCCEEDED: 2 images translated");
        assertThat(ended.exitCode()).isZero();
        assertThat(files("out")).containsExactlyInAnyOrder("a b/ä.png", "c.png");
    }

    @Test
    void failedImagesAreListedWithTheirReasonAndTheExitCodeSaysSo() throws Exception {
        Models.small(folder.resolve("g.pt"), 3, 1);
        write("in/good.png", Pictures.png(64, 64, 1));
        write("in/bad.png", new byte[0]);
        Ended ended = translate("--size", "64");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output())
                .contains("COMPLETED_WITH_FAILURES")
                .containsPattern("s3://.*/bad.png: EMPTY_FILE: ");
        assertThat(files("out")).containsExactly("good.png");
    }

    @Test
    void aFileThatIsNotThereIsToldBeforeAnythingElse() throws Exception {
        Ended ended = translate();
        assertThat(ended.output()).contains("pix2pix: --model: there is no ");
        assertThat(ended.exitCode()).isEqualTo(1);
    }

    @Test
    void wrongUsageHasAnExitCodeOfItsOwn() throws Exception {
        assertThat(run("translate", "--model", "g.pt").exitCode()).isEqualTo(2);
        assertThat(run("dance").exitCode()).isEqualTo(2);
        assertThat(run("import-weights", "a.pth", "b.pt", "--network", "vgg").output())
                .contains("Expected a network like unet_256");
    }

    @Test
    void theDemoTranslatesItsDrawingsAndLeavesPicturesAndNoProcess() throws Exception {
        Ended ended = run("demo", "--images", "6");
        assertThat(ended.output()).contains("SUCCEEDED: 6 images translated");
        assertThat(ended.exitCode()).isZero();
        Path demo = folder.resolve(".pix2pix/demo");
        assertThat(files(".pix2pix/demo/output")).hasSize(6);
        assertThat(demo.resolve("contact-sheet.png")).isNotEmptyFile();
        String mark = folder.toRealPath().toString();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(
                                                ProcessHandle.allProcesses()
                                                        .map(
                                                                p ->
                                                                        p.info()
                                                                                .commandLine()
                                                                                .orElse("")))
                                        .noneMatch(line -> line.contains(mark)));
    }

    private Ended translate(String... more) throws Exception {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "translate",
                                "--model",
                                folder.resolve("g.pt").toString(),
                                "--input",
                                folder.resolve("in").toString(),
                                "--output",
                                folder.resolve("out").toString()));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private Ended run(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", WorkerProcess.SCRIPT.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        Path log = folder.resolve("output.log");
        builder.redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        if (!args[0].equals("demo")) {
            // The demo has servers and a worker of its own.
            builder.environment()
                    .put(
                            "PIX2PIX_JAVA_OPTS",
                            String.join(" ", STACK.settings())
                                    + " -Dpix2pix.kafka.prefix="
                                    + prefix);
        }
        Process process = builder.start();
        if (!process.waitFor(200, TimeUnit.SECONDS)) {
            process.destroy();
            throw new AssertionError("Still running: " + Files.readString(log));
        }
        return new Ended(process.exitValue(), Files.readString(log));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private List<String> files(String below) {
        Path root = folder.resolve(below);
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(f -> root.relativize(f).toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
