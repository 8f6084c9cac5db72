package io.pix2pix.tracking;

import java.time.Duration;

/** A configuration for tests. */
record Tracking(int window, Duration lostAfter, Duration backoff) implements TrackingConfig {
    static final Tracking DEFAULT = new Tracking(4, Duration.ofMinutes(5), Duration.ofSeconds(1));

    @Override
    public Duration followDelay() {
        return Duration.ofSeconds(2);
    }

    @Override
    public Duration seenRetention() {
        return Duration.ofDays(7);
    }

    @Override
    public Duration retention() {
        return Duration.ofDays(30);
    }

    @Override
    public int replication() {
        return 1;
    }

    @Override
    public int standbys() {
        return 0;
    }

    @Override
    public String directory() {
        return System.getProperty("java.io.tmpdir");
    }
}
