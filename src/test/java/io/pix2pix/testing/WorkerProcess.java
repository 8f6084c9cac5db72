package io.pix2pix.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged application as a process of its own, as a user would run it. */
public final class WorkerProcess implements AutoCloseable {
    /** What users start everything with. */
    public static final Path SCRIPT = Path.of("scripts", "pix2pix").toAbsolutePath();

    private final Process process;
    private final Path log;

    private WorkerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a worker; returns at once. */
    public static WorkerProcess start(LocalStackExtension stack, Map<String, String> settings) {
        try {
            Path log = Files.createTempFile("pix2pix-worker-", ".log");
            List<String> options = new ArrayList<>(List.of("-Xmx1g", "-XX:+UseSerialGC"));
            options.addAll(stack.settings());
            // Any free port: others on this machine may have the usual one.
            options.add("-Dquarkus.http.port=0");
            settings.forEach((name, value) -> options.add("-D" + name + "=" + value));
            // The script becomes the worker (exec), so signals reach it.
            ProcessBuilder builder =
                    new ProcessBuilder("bash", SCRIPT.toString(), "worker")
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("PIX2PIX_JAVA_OPTS", String.join(" ", options));
            return new WorkerProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it takes work. */
    public WorkerProcess ready() {
        awaitLog(" is ready: ");
        return this;
    }

    /** Where it serves HTTP; give it {@code quarkus.http.port} 0, or take what is free of 8080. */
    public URI http() {
        awaitLog("Listening on: ");
        Matcher address = Pattern.compile("Listening on: (https?://\\S+)").matcher(log());
        if (!address.find()) {
            throw new AssertionError("No address in: " + log());
        }
        return URI.create(address.group(1));
    }

    /** Waits until the log has this text. */
    public void awaitLog(String text) {
        await().atMost(Duration.ofSeconds(90))
                .until(() -> log().contains(text) || !process.isAlive());
        if (!log().contains(text)) {
            throw new AssertionError("The worker ended: " + log());
        }
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for it to end by itself; returns the exit code. */
    public int exitCode(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("Still running after " + patience + ": " + log());
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    /** SIGTERM; returns at once. */
    public void ask() {
        process.destroy();
    }

    /** SIGTERM; returns the exit code. */
    public int terminate(Duration patience) throws InterruptedException {
        process.destroy();
        return exitCode(patience);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.deleteIfExists(log);
    }
}
