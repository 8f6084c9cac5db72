package io.pix2pix.tracking;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What can be told of one queue from the order in which its tasks are started. The broker gives
 * them out in the order in which they were sent; so one that nobody has started long after a later
 * one was started is no longer in the queue.
 *
 * <p>Not kept over restarts: a tracker that has just begun knows nothing of the order, and waits.
 */
final class QueueOrder {
    private record Started(Instant sentAt, Instant seenAt) {}

    private final Duration patience;
    private Instant lastSent = Instant.MIN;

    /** Every task sent before was given out long ago. */
    private Instant passed = Instant.MIN;

    private @Nullable Started ripening;
    private @Nullable Started next;
    private @Nullable Started latest;

    /**
     * @param patience how long after a later task's start an earlier one is given up
     */
    QueueOrder(Duration patience) {
        this.patience = patience;
    }

    /** The time to send a task at: now, and later than every one before. */
    Instant sending(Instant now) {
        lastSent = now.isAfter(lastSent) ? now : lastSent.plusNanos(1);
        return lastSent;
    }

    /** A task that was sent then has been started. */
    void started(Instant sentAt, Instant now) {
        ripen(now);
        Started started = new Started(sentAt, now);
        latest = started;
        if (ripening == null) {
            ripening = started;
        } else if (sentAt.isAfter(ripening.sentAt())
                && (next == null || sentAt.isAfter(next.sentAt()))) {
            next = started;
        }
    }

    /** Whether a task that was sent then must have left the queue. */
    boolean hasPassed(Instant sentAt, Instant now) {
        ripen(now);
        return sentAt.isBefore(passed);
    }

    /**
     * Whether what was sent before was still being started a while ago: then its turn will come.
     */
    boolean isComing(Instant sentAt, Instant since) {
        return latest != null && latest.sentAt().isBefore(sentAt) && latest.seenAt().isAfter(since);
    }

    private void ripen(Instant now) {
        while (ripening != null && !ripening.seenAt().plus(patience).isAfter(now)) {
            passed = ripening.sentAt().isAfter(passed) ? ripening.sentAt() : passed;
            ripening = next;
            next = null;
        }
    }
}
