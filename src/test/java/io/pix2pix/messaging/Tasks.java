package io.pix2pix.messaging;

import java.time.Duration;

/** A configuration for tests. */
record Tasks(int attempts, int planAttempts) implements TaskConfig {
    @Override
    public Duration stall() {
        return Duration.ofMinutes(5);
    }

    @Override
    public Duration drain() {
        return Duration.ofSeconds(20);
    }

    @Override
    public int planners() {
        return 1;
    }
}
