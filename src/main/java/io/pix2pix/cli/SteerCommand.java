package io.pix2pix.cli;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.LastCommand;
import io.pix2pix.event.JobStatus.Outcome;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.worker.Settings;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks for a change of a job's state and waits until its status shows it. */
abstract class SteerCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = {
                "Stops a job for good; what was made stays.",
                "Written straight to Kafka; waits until a coordinator has done it."
            })
    static final class Cancel extends SteerCommand {
        Cancel() {
            super(Action.CANCEL, state -> state == State.CANCELLED || state == State.CANCELLING);
        }
    }

    @Command(
            name = "pause",
            mixinStandardHelpOptions = true,
            description = {
                "Hands a job's running tasks back and starts no more.",
                "Written straight to Kafka; waits until a coordinator has done it."
            })
    static final class Pause extends SteerCommand {
        Pause() {
            super(Action.PAUSE, state -> state == State.PAUSED);
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = {
                "Lets a paused job go on.",
                "Written straight to Kafka; waits until a coordinator has done it."
            })
    static final class Resume extends SteerCommand {
        Resume() {
            super(Action.RESUME, state -> state == State.PLANNING || state == State.RUNNING);
        }
    }

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "the job's name")
    private String jobId = "";

    @Option(names = "--json", description = "print the job's status as JSON")
    private boolean json;

    private final Action action;
    private final Predicate<State> isDone;

    private SteerCommand(Action action, Predicate<State> isDone) {
        this.action = action;
        this.isDone = isDone;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Clients clients = new Clients(new Settings().messaging());
        try (KnownJobs jobs = new KnownJobs(clients);
                Publisher publisher = new Publisher(clients, Clock.systemUTC(), "cli")) {
            jobs.require(jobId);
            @Nullable LastCommand before =
                    jobs.status(jobId).map(JobStatus::lastCommand).orElse(null);
            boolean isNeeded =
                    jobs.status(jobId)
                            .map(s -> !s.state().isTerminal() && !isDone.test(s.state()))
                            .orElse(true);
            if (isNeeded) {
                publisher.command(new JobCommand(jobId, action));
            }
            JobStatus end = jobs.await(jobId, s -> isAnswer(s, before), PATIENCE);
            if (end == null) {
                throw KnownJobs.failure(
                        "NO_ANSWER",
                        "Nobody has followed the command in %d s: is a coordinator running? It will be followed when one does"
                                .formatted(PATIENCE.toSeconds()));
            }
            if (!isDone.test(end.state())) {
                throw KnownJobs.failure(
                        "WRONG_STATE",
                        "Job %s is %s: there is nothing to %s"
                                .formatted(
                                        jobId,
                                        end.state(),
                                        action.name().toLowerCase(Locale.ROOT)));
            }
            out.println(
                    json
                            ? Json.writeString(end)
                            : "%s: %s, %s".formatted(jobId, end.state(), end.message()));
            out.flush();
            return 0;
        }
    }

    /** Whether it is done, or cannot be. */
    private boolean isAnswer(JobStatus status, @Nullable LastCommand before) {
        LastCommand last = status.lastCommand();
        boolean tooLate =
                last != null && !last.equals(before) && last.outcome() == Outcome.TOO_LATE;
        return isDone.test(status.state()) || status.state().isTerminal() || tooLate;
    }
}
