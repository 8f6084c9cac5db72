package io.pix2pix.messaging;

import java.time.Duration;

/** Waiting before a record is released for another delivery. */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration STEP = Duration.ofMillis(100);

    private Backoff() {}

    /** Waits one second, doubled with each delivery; less when the process is asked to stop. */
    static void pause(Delivery delivery) throws InterruptedException {
        Duration wait = FIRST.multipliedBy(1L << Math.min(delivery.count() - 1, 5));
        for (Duration waited = Duration.ZERO;
                waited.compareTo(wait) < 0 && !delivery.isDraining() && !delivery.isLost();
                waited = waited.plus(STEP)) {
            Thread.sleep(STEP.toMillis());
        }
    }
}
