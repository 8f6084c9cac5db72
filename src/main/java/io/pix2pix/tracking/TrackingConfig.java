package io.pix2pix.tracking;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How tasks are handed out and watched. */
@ConfigMapping(prefix = "pix2pix.tracking")
public interface TrackingConfig {
    /** Tasks of one job that are out at a time, so that jobs take turns. */
    @WithDefault("32")
    int window();

    /** A started task that is silent for this long is handed out again. */
    @WithDefault("5m")
    Duration lostAfter();

    /**
     * What nobody has started for this long is sent once more, for want of a better sign that it is
     * gone. Where it is not, because there are no workers, it is there twice, which is harmless.
     */
    default Duration forgottenAfter() {
        return lostAfter().multipliedBy(12);
    }

    /**
     * Jobs that ended this long ago are forgotten: their status goes, their jobId is free. What
     * lies in the storage stays.
     */
    @WithDefault("30d")
    Duration retention();

    /** How long an image that arrived for a standing job waits for others to share its task. */
    @WithDefault("2s")
    Duration followDelay();

    /**
     * How long a standing job knows an object that it was told of. It is held in memory, and what
     * is told again later is taken again: so no shorter than notifications may be on their way.
     */
    @WithDefault("7d")
    Duration seenRetention();

    /** Wait before the second attempt at a task; doubles with each further one, up to a minute. */
    @WithDefault("1s")
    Duration backoff();

    /** The wait before this attempt, the second being the first to wait. */
    default Duration backoffBefore(int attempt) {
        int doublings = Math.max(0, Math.min(attempt - 2, 10));
        Duration wait = backoff().multipliedBy(1L << doublings);
        Duration longest = Duration.ofMinutes(1);
        return wait.compareTo(longest) < 0 ? wait : longest;
    }

    /** Replicas of the tracker's own topics; -1 is the broker's default. */
    @WithDefault("-1")
    int replication();

    /** Trackers that keep a warm copy of another's state. */
    @WithDefault("1")
    int standbys();

    /** Where Kafka Streams keeps its lock files; the state itself is in memory and in Kafka. */
    @WithDefault("${java.io.tmpdir}/pix2pix-tracker")
    String directory();
}
