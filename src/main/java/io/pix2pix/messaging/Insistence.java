package io.pix2pix.messaging;

import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.messaging.QueueHandler.Verdict;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Writes what has to be written before a queue's record is done with, as often as it takes. A
 * handler that failed over it instead would have the record back at once, and the broker drops a
 * record without a word when it has come back a few times ({@code
 * group.share.delivery.count.limit}): so it would be lost in seconds.
 *
 * <p>On the handler's thread, which waits; the queue keeps the record's lock renewed meanwhile.
 */
final class Insistence {
    private static final Logger LOG = Logger.getLogger(Insistence.class);

    private Insistence() {}

    /**
     * Tells the tracker what nobody else will tell it.
     *
     * @return empty when it is told; else what becomes of the record: it is released when it was
     *     lost or the process drains, and put away when no repetition helps
     */
    static Optional<Verdict> tell(Delivery delivery, Publisher publisher, TaskEvent event) {
        try {
            boolean told = insist(delivery, () -> publisher.event(event));
            return told ? Optional.empty() : Optional.of(released(delivery));
        } catch (FailureException e) {
            return Optional.of(refuse(delivery, publisher, e.failure()));
        }
    }

    /**
     * Puts away a record that cannot be read or done, and logs why.
     *
     * @return accepted, or released when it was lost or the process drains before that was possible
     * @throws FailureException when no repetition helps
     */
    static Verdict refuse(Delivery delivery, Publisher publisher, Failure failure) {
        if (!insist(delivery, () -> publisher.deadLetter(delivery.record(), failure))) {
            return released(delivery);
        }
        delivery.ends(TaskOutcome.DROPPED);
        LOG.warnf(
                "Put %s into dead-letters: %s",
                Delivery.where(delivery.record()), failure.message());
        return Verdict.ACCEPT;
    }

    private static Verdict released(Delivery delivery) {
        delivery.ends(TaskOutcome.RETURNED);
        return Verdict.RELEASE;
    }

    /**
     * Repeats it until it succeeds, with growing pauses.
     *
     * @return false when the delivery ended before
     * @throws FailureException when no repetition helps
     */
    private static boolean insist(Delivery delivery, Runnable write) {
        // A producer may wait for two minutes for a partition that has no leader.
        delivery.interruptWhen(() -> delivery.isLost() || delivery.isDraining());
        Pause pause = new Pause();
        while (true) {
            try {
                write.run();
                return true;
            } catch (FailureException e) {
                if (!e.failure().retriable()) {
                    throw e;
                }
                Duration wait = pause.next();
                LOG.warnf(
                        "%s waits, its next try is in %s: %s",
                        Delivery.where(delivery.record()), wait, e.failure().message());
                if (!delivery.rest(wait)) {
                    return false;
                }
            }
        }
    }
}
