package io.pix2pix.api;

import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.messaging.SubmissionFollower;
import io.pix2pix.messaging.TrainingEventFollower;
import io.pix2pix.storage.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.BooleanSupplier;

/**
 * What the resources work with: opened when the process coordinates, closed before it drains. All
 * that is asked in between is answered from here, by any coordinator alike.
 */
@ApplicationScoped
public class Coordination {
    /**
     * @param tracking whether this process' tracker has its state; any status that was ever
     *     published is known here before
     */
    public record Parts(
            StatusFollower statuses,
            SubmissionFollower submissions,
            TrainingEventFollower trainings,
            Publisher publisher,
            ObjectStore store,
            BooleanSupplier tracking) {}

    private sealed interface State {
        /** Not yet started, or draining. */
        record Closed(String why) implements State {}

        /** A process without the role. */
        record Elsewhere() implements State {}

        record Open(Parts parts, Histories histories) implements State {}
    }

    private volatile State state = new State.Closed("the process is starting");

    /** From now on requests are answered. */
    public void open(Parts parts) {
        Histories histories = new Histories();
        parts.statuses().listen(histories::add);
        parts.statuses().statuses().forEach(histories::add);
        state = new State.Open(parts, histories);
    }

    /** The process has no coordinator: requests are told so. */
    public void leaveToOthers() {
        state = new State.Elsewhere();
    }

    /** The process ends. */
    public void close() {
        state = new State.Closed("the process is ending");
    }

    boolean isOpen() {
        return state instanceof State.Open;
    }

    /** Whether the process has no coordinator. */
    boolean isElsewhere() {
        return state instanceof State.Elsewhere;
    }

    Parts parts() {
        return open().parts();
    }

    Histories histories() {
        return open().histories();
    }

    JobDirectory jobs() {
        Parts parts = parts();
        return new JobDirectory(parts.statuses(), parts.submissions());
    }

    private State.Open open() {
        State now = state;
        if (now instanceof State.Open open) {
            return open;
        } else if (now instanceof State.Closed closed) {
            throw ProblemException.unavailable("NOT_READY", closed.why());
        }
        throw ProblemException.notFound(
                "NO_COORDINATOR",
                "This process does not coordinate (pix2pix.roles); ask one with the role coordinator");
    }
}
