package io.pix2pix.cli;

import io.pix2pix.worker.Settings;
import io.pix2pix.worker.WorkerApplication;
import io.quarkus.runtime.Quarkus;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the application in the foreground until Ctrl-C or SIGTERM.",
            "Every setting is a system property or environment variable, see the README."
        })
final class WorkerCommand implements Callable<Integer> {
    @Option(
            names = "--roles",
            paramLabel = "ROLE,...",
            description = "coordinator, translator, trainer; default: all")
    private @Nullable String roles;

    @Option(
            names = "--with-parent",
            hidden = true,
            description = "end at once when the process that started this one is gone")
    private boolean withParent;

    @Override
    public Integer call() {
        if (withParent) {
            var unused =
                    ProcessHandle.current()
                            .parent()
                            .map(ProcessHandle::onExit)
                            .orElseThrow()
                            .thenRun(() -> Runtime.getRuntime().halt(1));
        }
        if (roles != null) {
            System.setProperty("pix2pix.roles", roles);
        }
        // What is wrong is said in a line each, before anything starts.
        var unused = new Settings();
        HttpPort.chooseUnlessSet();
        AtomicInteger exitCode = new AtomicInteger();
        Quarkus.run(
                WorkerApplication.class,
                (code, failure) -> {
                    if (failure != null) {
                        System.err.println("pix2pix: the worker failed: " + reasons(failure));
                    }
                    exitCode.set(code);
                });
        return exitCode.get();
    }

    /** The failure's message and those of its causes: the last one says what to do. */
    private static String reasons(Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause)
                .map(Throwable::toString)
                .distinct()
                .collect(Collectors.joining("; because of "));
    }
}
