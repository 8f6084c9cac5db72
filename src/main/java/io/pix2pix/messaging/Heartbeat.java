package io.pix2pix.messaging;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Tells how far a task is, when something was done and every ten seconds, and ends the process when
 * nothing moves any more.
 */
final class Heartbeat {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final String task;
    private final Duration stall;
    private final LongConsumer report;
    private final AtomicLong done;
    private final AtomicLong signs = new AtomicLong();

    // Of the queue's thread only.
    private long reported;
    private long reportedNanos;
    private long moved;
    private long seen;
    private long movedNanos;

    /**
     * @param task for messages
     * @param stall the process halts when nothing was done for so long
     * @param done what was done before
     * @param report tells how much is done; called on the queue's thread
     */
    Heartbeat(String task, Duration stall, long done, LongConsumer report) {
        this.task = task;
        this.stall = stall;
        this.done = new AtomicLong(done);
        this.report = report;
    }

    /** Begins to tell; the start is told by the caller, who waits until it is known. */
    void begin(Delivery delivery) {
        reportedNanos = System.nanoTime();
        movedNanos = reportedNanos;
        delivery.onTick(this::tick);
    }

    /** So much is done; calls may overtake each other. */
    void progress(long now) {
        done.accumulateAndGet(now, Math::max);
    }

    /** Something was done that does not count as progress. */
    void alive() {
        signs.incrementAndGet();
    }

    private void tick() {
        long now = done.get();
        long sign = signs.get();
        long nanos = System.nanoTime();
        if (now > reported || nanos - reportedNanos >= INTERVAL.toNanos()) {
            report.accept(now);
            reported = now;
            reportedNanos = nanos;
        }
        if (now > moved || sign > seen) {
            moved = now;
            seen = sign;
            movedNanos = nanos;
        } else if (nanos - movedNanos >= stall.toNanos()) {
            Stall.halt("Task %s: nothing was finished for %s".formatted(task, stall));
        }
    }
}
