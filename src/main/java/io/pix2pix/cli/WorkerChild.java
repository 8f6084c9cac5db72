package io.pix2pix.cli;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker as a child process of this one, which ends with it. */
final class WorkerChild implements AutoCloseable {
    private static final long GRACE_S = 20;
    private static final Pattern ADDRESS = Pattern.compile("Listening on: (http://[^\\s]+)");

    private final Process process;
    private final Path log;
    private volatile boolean stopping;

    private WorkerChild(Process process, Path log) {
        this.process = process;
        this.log = log;
        Runtime.getRuntime().addShutdownHook(new Thread(this::breakOff, "worker-stop"));
    }

    /** Starts a worker with the program that this process runs. */
    static WorkerChild start(Map<String, String> settings, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(
                List.of("-jar", System.getProperty("java.class.path"), "worker", "--with-parent"));
        Files.createDirectories(log.toAbsolutePath().getParent());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        return new WorkerChild(process, log);
    }

    /**
     * Waits until it serves HTTP, and says where.
     *
     * @throws FailureException when it ends before
     */
    URI http() throws IOException, InterruptedException {
        while (true) {
            Matcher address = ADDRESS.matcher(Files.readString(log));
            if (address.find()) {
                return URI.create(address.group(1));
            } else if (!process.isAlive()) {
                throw death();
            }
            Thread.sleep(100);
        }
    }

    /** Calls when the process ends by itself; not when it is closed. */
    void onDeath(Runnable action) {
        var unused =
                process.onExit()
                        .thenRun(
                                () -> {
                                    if (!stopping) {
                                        action.run();
                                    }
                                });
    }

    /** What to say about a worker that ended by itself. */
    FailureException death() {
        return new FailureException(
                Failure.permanent(
                        Stage.TASK,
                        "WORKER_DIED",
                        "The worker ended with exit code %d; its log: %s"
                                .formatted(process.exitValue(), log)));
    }

    /** This process is ending, and its servers with it: there is nobody to hand work back to. */
    private void breakOff() {
        stopping = true;
        Logging.off();
        process.destroyForcibly();
    }

    private void stop() {
        stopping = true;
        process.destroy();
        try {
            if (!process.waitFor(GRACE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
