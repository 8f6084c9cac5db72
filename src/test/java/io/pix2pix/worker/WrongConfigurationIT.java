package io.pix2pix.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A start with a configuration that cannot be meant. */
@Timeout(120)
class WrongConfigurationIT {
    @TempDir private Path folder;

    @Test
    void aWorkerSaysInALineEachWhatIsWrongAndDoesNotStart() throws Exception {
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(
                folder.resolve("config/application.properties"), "pix2pix.task.atempts=3\n");
        ProcessBuilder builder =
                new ProcessBuilder("bash", WorkerProcess.SCRIPT.toString(), "worker")
                        .directory(folder.toFile())
                        .redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("PIX2PIX_TRACKING_WINDOW", "-1");
        builder.environment().put("PIX2PIX_HELTH_GRACE", "1s");
        builder.environment()
                .put("PIX2PIX_JAVA_OPTS", "-Dpix2pix.health.interval=soon -Dpix2pix.device=cpu");
        assertThat(run(builder))
                .containsExactly(
                        "pix2pix: PIX2PIX_HELTH_GRACE in the environment sets no property; did you"
                                + " mean PIX2PIX_HEALTH_GRACE?",
                        "pix2pix: pix2pix.health.interval is 'soon' (in system properties),"
                                + " expected a duration such as 500ms, 30s, 5m or 1h",
                        "pix2pix: pix2pix.task.atempts (in file:"
                                + folder.resolve("config/application.properties")
                                + ") is no property; did you mean pix2pix.task.attempts?");
        builder.environment().remove("PIX2PIX_HELTH_GRACE");
        builder.environment().remove("PIX2PIX_JAVA_OPTS");
        Files.delete(folder.resolve("config/application.properties"));
        assertThat(run(builder))
                .containsExactly("pix2pix: pix2pix.tracking.window is -1, expected 1 or more");
    }

    private static List<String> run(ProcessBuilder builder)
            throws IOException, InterruptedException {
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).describedAs(output).isEqualTo(1);
        return output.lines().toList();
    }
}
