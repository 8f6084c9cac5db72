package io.pix2pix.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Seeing and steering jobs by the script, as a user runs it. */
@Timeout(300)
class JobCommandsIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static String prefix;
    private static S3Uri base;
    private static WorkerProcess worker;
    private static KafkaUser user;
    @TempDir private static Path folder;

    private record Ended(int exitCode, String output) {}

    @BeforeAll
    static void start() throws IOException {
        prefix = STACK.name("job-commands") + ".";
        base = STACK.prefix();
        Path model = folder.resolve("generator.pt");
        Models.small(model, 3, 1);
        STACK.store().upload(model, base.resolve("g.pt"), "application/octet-stream", Map.of());
        put("in/a.png", Pictures.png(32, 32, 1));
        put("in/b.png", "this is no image".getBytes(UTF_8));
        put("pairs/a.png", Pictures.png(72, 36, 1));
        worker =
                WorkerProcess.start(
                                STACK,
                                Map.of("pix2pix.kafka.prefix", prefix, "quarkus.http.port", "0"))
                        .ready();
        user = new KafkaUser(STACK.bootstrapServers(), prefix);
        user.write(
                "translation-jobs",
                "maps",
                """
                {"jobId": "maps", "model": {"uri": "%s"}, "input": {"uri": "%s"},
                 "output": {"uri": "%s"}, "size": {"width": 32, "height": 32}}
                """
                        .formatted(
                                base.resolve("g.pt"), base.resolve("in/"), base.resolve("out/")));
    }

    @AfterAll
    static void stop() throws IOException {
        user.close();
        worker.close();
    }

    @Test
    void aJobIsFollowedListedAndItsResultsAreShown() throws Exception {
        Ended followed = run("job", "maps", "--follow");
        assertThat(followed.output()).contains("COMPLETED_WITH_FAILURES: ");
        assertThat(followed.exitCode()).isEqualTo(1);
        assertThat(run("job", "maps").output())
                .contains("maps: COMPLETED_WITH_FAILURES, ")
                .contains("2: 1 translated, 0 skipped, 1 failed")
                .contains(base.resolve("in/").toString());

        assertThat(run("jobs").output()).containsPattern("maps +translation +COMPLETED_WITH_");
        assertThat(run("jobs", "--state", "running", "--kind", "translation").output().strip())
                .isEqualTo("No jobs");
        String listed = run("jobs", "--json", "--kind=translation").output();
        assertThat(Schema.JOB_STATUS.check(Json.mapper().readTree(listed))).isEmpty();

        Ended failed = run("results", "maps", "--failed");
        assertThat(failed.exitCode()).isZero();
        assertThat(failed.output().lines())
                .singleElement()
                .asString()
                .startsWith("failed     " + base.resolve("in/b.png") + ": NOT_AN_IMAGE: ");
        List<String> all = run("results", "maps", "--json").output().lines().toList();
        assertThat(all).hasSize(2);
        assertThat(Json.read(all.get(0).getBytes(UTF_8), TranslationResult.class).output())
                .isEqualTo(base.resolve("out/a.png").toString());
    }

    @Test
    void aTrainingIsPausedResumedAndCancelled() throws Exception {
        user.write(
                "training-jobs",
                "long",
                """
                {"jobId": "long", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
                 "generator": {"network": "unet_32", "filters": 4},
                 "discriminator": {"filters": 4, "layers": 2},
                 "training": {"epochs": 100000, "loadSize": 32, "cropSize": 32},
                 "checkpoint": {"everyEpochs": 100000}}
                """
                        .formatted(base.resolve("pairs/"), base.resolve("long/")));
        Ended paused = run("pause", "long");
        assertThat(paused.output()).startsWith("long: PAUSED, ");
        assertThat(paused.exitCode()).isZero();
        Ended resumed = run("resume", "long", "--json");
        assertThat(Json.read(resumed.output().getBytes(UTF_8), JobStatus.class).state())
                .isIn(State.PLANNING, State.RUNNING);
        assertThat(run("cancel", "long").output()).startsWith("long: CANCEL");
        assertThat(run("cancel", "long").exitCode()).isZero();
        Ended late = run("resume", "long");
        assertThat(late.exitCode()).isEqualTo(1);
        assertThat(late.output().strip())
                .isEqualTo("pix2pix: Job long is CANCELLED: there is nothing to resume");
        Ended none = run("results", "long");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.output()).startsWith("pix2pix: Job long is a training");
    }

    @Test
    void whatIsWrongIsToldInOneLine() throws Exception {
        for (String command : List.of("job", "cancel", "results")) {
            Ended unknown = run(command, "nobody");
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.output().strip()).isEqualTo("pix2pix: There is no job nobody");
        }
        assertThat(run("job").exitCode()).isEqualTo(2);
        assertThat(run("jobs", "--state=dancing").exitCode()).isEqualTo(2);
    }

    @Test
    void bashCompletesCommands() throws Exception {
        Ended script = run("completion", "bash");
        assertThat(script.exitCode()).isZero();
        Path file = Files.writeString(folder.resolve("completion.bash"), script.output());
        Process bash =
                new ProcessBuilder(
                                "bash",
                                "-c",
                                "source '%s'; COMP_WORDS=(pix2pix re); COMP_CWORD=1; _complete_pix2pix; echo ${COMPREPLY[@]}"
                                        .formatted(file))
                        .redirectErrorStream(true)
                        .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), UTF_8).split("\\s+"))
                .containsExactlyInAnyOrder("resume", "results");
    }

    private static Ended run(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", WorkerProcess.SCRIPT.toString()));
        command.addAll(List.of(args));
        Path log = folder.resolve("output.log");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment()
                .put(
                        "PIX2PIX_JAVA_OPTS",
                        String.join(" ", STACK.settings()) + " -Dpix2pix.kafka.prefix=" + prefix);
        Process process = builder.start();
        if (!process.waitFor(100, TimeUnit.SECONDS)) {
            process.destroy();
            throw new AssertionError("Still running: " + Files.readString(log));
        }
        return new Ended(process.exitValue(), Files.readString(log));
    }

    private static void put(String key, byte[] bytes) {
        STACK.store().create(base.resolve(key), bytes, "application/octet-stream", Map.of());
    }
}
