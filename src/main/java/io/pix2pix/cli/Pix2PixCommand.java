package io.pix2pix.cli;

import static java.util.Objects.requireNonNull;

import io.pix2pix.failure.FailureException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 done, 1 the job or some images failed, 2 wrong usage. */
@Command(
        name = "pix2pix",
        mixinStandardHelpOptions = true,
        version = "pix2pix 0.1.0",
        description = "Bulk image-to-image translation and queued training with Pix2Pix.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            LocalCommand.class,
            WorkerCommand.class,
            TranslateCommand.class,
            TrainCommand.class,
            JobsCommand.class,
            JobShowCommand.class,
            SteerCommand.Cancel.class,
            SteerCommand.Pause.class,
            SteerCommand.Resume.class,
            ResultsCommand.class,
            ImportWeightsCommand.class,
            BenchCommand.class,
            CompletionCommand.class
        })
public final class Pix2PixCommand implements Runnable {
    @Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

    /** Runs one command line and returns its exit code. */
    public static int run(String... args) {
        Logging.warningsToStandardError();
        return commands().execute(args);
    }

    /** What is understood, ready to be parsed or run. */
    static CommandLine commands() {
        CommandLine commands = new CommandLine(new Pix2PixCommand());
        TrainingOptions.addTo(
                requireNonNull(commands.getSubcommands().get("train")).getCommandSpec());
        return commands.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Pix2PixCommand::wrongUsage)
                .setExecutionExceptionHandler(oneClearLine());
    }

    /** What a person can act on is one line; anything else is a bug and shows its stack. */
    private static IExecutionExceptionHandler oneClearLine() {
        return (e, command, parsed) -> {
            if (e instanceof FailureException f) {
                command.getErr().println("pix2pix: " + f.failure().message());
            } else {
                e.printStackTrace(command.getErr());
            }
            return 1;
        };
    }

    /** What is wrong must not scroll away above a page of options. */
    private static int wrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("pix2pix: " + e.getMessage());
        if (command.getSubcommands().isEmpty()) {
            err.printf(
                    "All options: scripts/%s --help%n", command.getCommandSpec().qualifiedName());
        } else {
            command.usage(err);
        }
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command");
        }
    }
}
