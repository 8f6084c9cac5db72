package io.pix2pix.messaging;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tasks that may kill their worker apart from others. A worker's death is an attempt at every
 * task it was at; so a task at which workers have died runs alone, and what dies with it is not
 * blamed for it.
 *
 * <p>One per process, shared by the queues whose tasks run beside each other. Safe for any number
 * of threads.
 */
public final class Quarantine {
    /** Deaths before a task is suspect: the first may be anything, such as a machine taken away. */
    private static final int DEATHS = 2;

    private static final Duration POLL = Duration.ofMillis(200);

    private int running;
    private boolean claimed;

    /** A task's stay; closing it lets others in. */
    public final class Stay implements AutoCloseable {
        private final boolean alone;

        private Stay(boolean alone) {
            this.alone = alone;
        }

        @Override
        public void close() {
            leave(alone);
        }
    }

    /** Whether a task at this attempt is to run alone. */
    static boolean isSuspect(int attempt) {
        return attempt > DEATHS;
    }

    /**
     * Lets a task in. A suspect one waits for those that run to end; while it is there, or waits,
     * no other is let in.
     *
     * @param stop whether not to wait any longer
     * @return null when the task is to be handed back
     */
    @Nullable Stay enter(int attempt, BooleanSupplier stop) throws InterruptedException {
        return isSuspect(attempt) ? enterAlone(stop) : enterBesideOthers();
    }

    private synchronized @Nullable Stay enterBesideOthers() {
        if (claimed) {
            return null;
        }
        running++;
        return new Stay(false);
    }

    private synchronized @Nullable Stay enterAlone(BooleanSupplier stop)
            throws InterruptedException {
        if (claimed) {
            return null;
        }
        claimed = true;
        while (running > 0) {
            if (stop.getAsBoolean()) {
                leave(true);
                return null;
            }
            wait(POLL.toMillis());
        }
        return new Stay(true);
    }

    private synchronized void leave(boolean alone) {
        if (alone) {
            claimed = false;
        } else {
            running--;
        }
        notifyAll();
    }

    /** Waits until another task could be let in, at most so long; returns whether one could. */
    synchronized boolean awaitOpen(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        while (claimed) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }
}
