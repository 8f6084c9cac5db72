package io.pix2pix.messaging;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.time.Instant;
import org.jboss.logging.Logger;

/** Passes users' commands on to the tracker. */
public final class CommandHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(CommandHandler.class);

    private final Publisher publisher;

    public CommandHandler(Publisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public Verdict handle(Delivery delivery) {
        try {
            JobCommand command = Schema.JOB_COMMAND.read(delivery.value(), JobCommand.class);
            delivery.about(command.jobId(), "command", 1);
            Instant at = Instant.ofEpochMilli(delivery.record().timestamp());
            publisher.event(new TaskEvent.CommandReceived(command.jobId(), command.action(), at));
        } catch (IllegalArgumentException e) {
            delivery.ends(TaskOutcome.DROPPED);
            LOG.warnf("Put a command into dead-letters: %s", e.getMessage());
            publisher.deadLetter(
                    delivery.record(),
                    Failure.permanent(
                            Stage.SUBMIT, "INVALID_COMMAND", "Not a command: " + e.getMessage()));
        }
        return Verdict.ACCEPT;
    }
}
