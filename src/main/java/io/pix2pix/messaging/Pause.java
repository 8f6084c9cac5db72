package io.pix2pix.messaging;

import java.time.Duration;

/**
 * How long to wait before something that failed is tried again: a second, doubled up to half a
 * minute with each failure that follows soon. Safe for any number of threads.
 */
public final class Pause {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Duration QUIET = Duration.ofMinutes(2);

    private Duration next = FIRST;
    private long lastNanos;

    /** The wait after a failure that has just been. */
    public synchronized Duration next() {
        long now = System.nanoTime();
        if (now - lastNanos > QUIET.toNanos()) {
            next = FIRST;
        }
        lastNanos = now;
        Duration wait = next;
        Duration doubled = wait.multipliedBy(2);
        next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return wait;
    }
}
