package io.pix2pix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
        new KafkaUser(STACK.bootstrapServers(), prefix).close();
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
    void aLocalFolderOfPairsBecomesAGeneratorThatTranslates() throws Exception {
        pairs("pairs", 4);
        pairs("held out", 2);
        Ended ended =
                train(
                        "--validation",
                        folder.resolve("held out").toString(),
                        "--validate-every=2",
                        "--checkpoint-every=1",
                        "--keep=1",
                        "--epochs=2",
                        "--decay-epochs=1");
        assertThat(ended.exitCode()).describedAs(ended.output()).isZero();
        assertThat(ended.output().lines().filter(line -> line.startsWith("epoch ")))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("epoch 1/3 ").endsWith(" left"),
                        line -> assertThat(line).startsWith("epoch 2/3 ").contains("  SSIM "),
                        line -> assertThat(line).startsWith("epoch 3/3 ").contains("  SSIM "));
        assertThat(files("out"))
                .contains(
                        "generator.pt",
                        "samples/e0003.png",
                        "checkpoints/e0003-s00000012/checkpoint.json",
                        "checkpoints/e0003-s00000012/generator.pt",
                        "checkpoints/e0003-s00000012/training.safetensors");

        String command = after(ended.output(), "Use it with: scripts/pix2pix ");
        assertThat(command)
                .isEqualTo(
                        "translate --model %1$s/out/generator.pt --input '%1$s/held out' --side left --output OUT --size 32"
                                .formatted(folder));
        Ended used =
                run(
                        "translate",
                        "--model=" + folder.resolve("out/generator.pt"),
                        "--input=" + folder.resolve("held out"),
                        "--side=left",
                        "--output=" + folder.resolve("made"),
                        "--size=32");
        assertThat(used.exitCode()).describedAs(used.output()).isZero();
        assertThat(files("made")).hasSize(2);

        Ended further =
                train(
                        "--resume-from",
                        folder.resolve("out/checkpoints/e0003-s00000012").toString(),
                        "--epochs=4",
                        "--decay-epochs=0");
        assertThat(further.exitCode()).describedAs(further.output()).isZero();
        assertThat(further.output().lines().filter(line -> line.startsWith("epoch ")))
                .singleElement()
                .asString()
                .startsWith("epoch 4/4 ");
    }

    @Test
    void aJobInAFileIsTrainedAndASecondLookAtItShowsTheSame() throws Exception {
        pairs("pairs", 2);
        write(
                "job.json",
                """
                {"jobId": "in-a-file",
                 "dataset": {"uri": "%s"},
                 "output": {"uri": "s3://pix2pix/in-a-file"},
                 "generator": {"network": "unet_32", "filters": 4},
                 "discriminator": {"filters": 4, "layers": 2},
                 "training": {"epochs": 200, "decayEpochs": 0, "loadSize": 32, "cropSize": 32}}
                """
                        .formatted(folder.resolve("pairs"))
                        .getBytes(StandardCharsets.UTF_8));
        String job = folder.resolve("job.json").toString();
        Ended sent = run("train", "--job", job, "--epochs=2", "--detach");
        assertThat(sent.output()).contains("Submitted job in-a-file");
        Ended watched = run("train", "--job", job, "--epochs=2", "--json");
        assertThat(watched.exitCode()).describedAs(watched.output()).isZero();
        assertThat(watched.output())
                .contains("epoch 1/2 ", "epoch 2/2 ")
                .contains("\"generator\":\"s3://pix2pix/in-a-file/generator.pt\"");
        Ended other = run("train", "--job", job, "--epochs=3");
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.output()).contains("pix2pix: --job-id: in-a-file names another job");
    }

    @Test
    void aTrainingThatCannotBeIsRefusedWithTheOptionsName() throws Exception {
        pairs("pairs", 2);
        Ended ended = train("--crop-size=30");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).contains("--crop-size: ").doesNotContain("Uploaded");
        assertThat(train("--detach").output()).contains("--detach needs an s3:// output");
        Ended failed = train("--batch-size=3");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.output()).contains("FAILED: ").contains("batch");
    }

    @Test
    void theDemoLearnsShowsItAndLeavesNoProcess() throws Exception {
        String[] small = {
            "demo",
            "--pairs=8",
            "--held-out=2",
            "--epochs=8",
            "--size=32",
            "--network=unet_32",
            "--filters=8",
            "--discriminator-layers=2"
        };
        Ended ended = run(small);
        assertThat(ended.exitCode()).describedAs(ended.output()).isZero();
        assertThat(ended.output())
                .contains("epoch 8/8 ")
                .containsPattern("before training +\\d")
                .containsPattern("after training +\\d")
                .contains("It learned: ");
        Path demo = folder.resolve(".pix2pix/demo");
        assertThat(files(".pix2pix/demo/before")).hasSize(2);
        assertThat(files(".pix2pix/demo/after")).hasSize(2);
        assertThat(demo.resolve("trained/generator.pt")).isNotEmptyFile();
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

    private Ended train(String... more) throws Exception {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "train",
                                "--dataset=" + folder.resolve("pairs"),
                                "--output=" + folder.resolve("out"),
                                "--network=unet_32",
                                "--filters=4",
                                "--discriminator-filters=4",
                                "--discriminator-layers=2",
                                "--load-size=36"));
        if (Stream.of(more).noneMatch(option -> option.startsWith("--crop-size"))) {
            all.add("--crop-size=32");
        }
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private void pairs(String name, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            write("%s/%d.png".formatted(name, i), Pictures.png(72, 36, i));
        }
    }

    private static String after(String output, String words) {
        return output.lines()
                .filter(line -> line.startsWith(words))
                .map(line -> line.substring(words.length()))
                .findFirst()
                .orElseThrow();
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
