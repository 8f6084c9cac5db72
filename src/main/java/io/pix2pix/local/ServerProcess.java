package io.pix2pix.local;

import io.pix2pix.failure.FailureException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * One server as a process of its own, found again by later JVMs through its pid file.
 *
 * <p>A process is ours if its command line carries the server's folder as a mark, so that a pid
 * that the system has given to another program is never mistaken for it, let alone killed.
 *
 * @param name what people call it, also the name of its files
 * @param folder its files: {@code server.pid} (pid and port), {@code server.log}, configuration
 */
record ServerProcess(String name, Path folder) {
    private static final String MARK = "-Dpix2pix.local.server=";
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int LOG_TAIL = 15;

    /** A live process and where it listens. */
    record Running(ProcessHandle process, int port) {}

    /** What the pid file says, whether or not that process lives. */
    private record Noted(long pid, int port) {}

    Path log() {
        return folder.resolve("server.log");
    }

    /** The server, if it lives. */
    Optional<Running> running() {
        return noted().flatMap(
                        noted ->
                                ProcessHandle.of(noted.pid())
                                        .filter(this::isOurs)
                                        .map(process -> new Running(process, noted.port())));
    }

    /** The pid that is noted although its process is gone. */
    Optional<Long> stalePid() {
        return running().isPresent() ? Optional.empty() : noted().map(Noted::pid);
    }

    /**
     * Starts {@code java <arguments>} in a session of its own, so that Ctrl-C in a terminal reaches
     * it only through us.
     */
    ProcessHandle spawn(int port, List<String> arguments) {
        List<String> command = new ArrayList<>();
        executable("setsid").ifPresent(command::add);
        command.add(java());
        command.add(MARK + folder);
        command.addAll(arguments);
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.to(log().toFile()));
            // In an ASCII locale the JVM has no files with other characters in their names.
            builder.environment().put("LC_ALL", "C.UTF-8");
            Process process = builder.start();
            Files.writeString(pidFile(), process.pid() + " " + port + "\n");
            return process.toHandle();
        } catch (IOException e) {
            throw LocalFailures.io("start " + name, e);
        }
    }

    /** Ends the server: asks it to, and kills it if it has not gone within 15 s. */
    void stop() {
        running().ifPresent(server -> end(server.process()));
        forget();
    }

    void forget() {
        try {
            Files.deleteIfExists(pidFile());
        } catch (IOException e) {
            throw LocalFailures.io("delete " + pidFile(), e);
        }
    }

    /** Says that the server ended or never answered, with the end of its log. */
    FailureException died(String how) {
        return LocalFailures.of(
                "LOCAL_SERVER_DIED",
                "%s %s; its log %s ends:%n%s".formatted(name, how, log(), logTail()),
                null);
    }

    /** The server of any stack on this machine that was told to listen on the port. */
    static Optional<Path> folderOfServerOn(int port) {
        return ProcessHandle.allProcesses()
                .flatMap(process -> mark(process).map(Path::of).stream())
                .filter(
                        folder ->
                                new ServerProcess("", folder)
                                        .running()
                                        .filter(running -> running.port() == port)
                                        .isPresent())
                .findFirst();
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static Optional<String> executable(String program) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private Path pidFile() {
        return folder.resolve("server.pid");
    }

    private Optional<Noted> noted() {
        try {
            if (!Files.exists(pidFile())) {
                return Optional.empty();
            }
            String[] words = Files.readString(pidFile()).strip().split(" ", -1);
            return Optional.of(new Noted(Long.parseLong(words[0]), Integer.parseInt(words[1])));
        } catch (IOException e) {
            throw LocalFailures.io("read " + pidFile(), e);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Optional.of(new Noted(-1, -1)); // cut short by a crash: no process has this pid
        }
    }

    private boolean isOurs(ProcessHandle process) {
        return process.isAlive() && mark(process).filter(folder.toString()::equals).isPresent();
    }

    private static Optional<String> mark(ProcessHandle process) {
        return process.info().arguments().stream()
                .flatMap(Stream::of)
                .filter(argument -> argument.startsWith(MARK))
                .map(argument -> argument.substring(MARK.length()))
                .findFirst();
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            process.onExit().join();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }

    private String logTail() {
        try (Stream<String> lines = Files.lines(log())) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - LOG_TAIL), all.size()));
        } catch (IOException | UncheckedIOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }
}
