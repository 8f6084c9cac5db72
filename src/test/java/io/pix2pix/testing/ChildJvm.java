package io.pix2pix.testing;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A main class of the tests in a process of its own, whose heap is in memory from the start: so
 * what its resident memory grows by is native.
 */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Runs it to its end.
     *
     * @return the lines it printed
     * @throws AssertionError when it does not end with 0
     */
    public static List<String> run(Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return run(main, Map.of(), arguments);
    }

    /**
     * Runs it to its end.
     *
     * @param environment added to this process's
     */
    public static List<String> run(
            Class<?> main, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xms256m",
                                "-Xmx256m",
                                "-XX:+AlwaysPreTouch",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                classPath(),
                                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var output = process.inputReader()) {
            List<String> lines = output.lines().peek(System.out::println).toList();
            if (process.waitFor() != 0) {
                throw new AssertionError(main + " ended with " + process.exitValue());
            }
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Ours: the system's, or that of a runner which loads the tests itself. */
    private static String classPath() {
        if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(ChildJvm::path)
                    .collect(Collectors.joining(java.io.File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    private static String path(URL url) {
        try {
            return Path.of(url.toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
