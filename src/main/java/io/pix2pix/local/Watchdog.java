package io.pix2pix.local;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends processes when this JVM ends, even by {@code kill -9}: a shell that waits for the end of its
 * input, which is a pipe that only this JVM holds open.
 */
final class Watchdog implements AutoCloseable {
    private final Process shell;

    private Watchdog(Process shell) {
        this.shell = shell;
    }

    static Watchdog over(List<ProcessHandle> processes) {
        List<String> command = new ArrayList<>();
        // Out of the terminal's reach, as the servers are: Ctrl-C must not end the watch.
        ServerProcess.executable("setsid").ifPresent(command::add);
        command.addAll(List.of("sh", "-c", "cat >/dev/null; kill \"$@\" 2>/dev/null", "watchdog"));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        try {
            return new Watchdog(
                    new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start());
        } catch (IOException e) {
            throw LocalFailures.io("start sh", e);
        }
    }

    /** Ends the watch, not the watched. */
    @Override
    public void close() {
        shell.destroyForcibly();
    }
}
