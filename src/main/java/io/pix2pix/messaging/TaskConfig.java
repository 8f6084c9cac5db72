package io.pix2pix.messaging;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How workers go about tasks. */
@ConfigMapping(prefix = "pix2pix.task")
public interface TaskConfig {
    /** At this attempt a task is not run again: what is unfinished of it is reported as failed. */
    @WithDefault("5")
    int attempts();

    /** A worker in which nothing has finished for this long logs its stacks and halts. */
    @WithDefault("5m")
    Duration stall();

    /**
     * How long a running task may go on after the worker was asked to stop; then it is handed back.
     * The process ends within seven seconds more, whatever hangs.
     */
    @WithDefault("20s")
    Duration drain();

    /** Attempts at planning a job before it is rejected. */
    @WithDefault("3")
    int planAttempts();

    /** Jobs that one coordinator lists at a time. */
    @WithDefault("2")
    int planners();
}
