package io.pix2pix.messaging;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.time.Instant;

/** Passes users' commands on to the tracker. */
public final class CommandHandler implements QueueHandler {
    private final Publisher publisher;

    public CommandHandler(Publisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public Verdict handle(Delivery delivery) {
        JobCommand command;
        try {
            command = Schema.JOB_COMMAND.read(delivery.value(), JobCommand.class);
        } catch (IllegalArgumentException e) {
            return Insistence.refuse(
                    delivery,
                    publisher,
                    Failure.permanent(
                            Stage.SUBMIT, "INVALID_COMMAND", "Not a command: " + e.getMessage()));
        }
        delivery.about(command.jobId(), "command", 1);
        Instant at = Instant.ofEpochMilli(delivery.record().timestamp());
        return Insistence.tell(
                        delivery,
                        publisher,
                        new TaskEvent.CommandReceived(command.jobId(), command.action(), at))
                .orElse(Verdict.ACCEPT);
    }
}
