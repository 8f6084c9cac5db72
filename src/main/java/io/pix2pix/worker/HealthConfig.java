package io.pix2pix.worker;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When a process counts as well. */
@ConfigMapping(prefix = "pix2pix.health")
public interface HealthConfig {
    /** How often broker, storage and an idle device are tried. */
    @WithDefault("10s")
    Duration interval();

    /** A broker or storage that takes longer than this to answer is not there. */
    @WithDefault("5s")
    Duration patience();

    /** A device that fails so many small computations one after the other is broken. */
    @WithDefault("3")
    int deviceProbes();

    /** Between two of them. */
    @WithDefault("1s")
    Duration deviceProbePause();

    /**
     * A device that fails so many batches or steps of different models one after the other is
     * broken, though it does small computations right.
     */
    @WithDefault("10")
    int deviceFailures();

    /**
     * A process whose device is broken ends by itself after this time, with exit code 71, in case
     * nobody who looks at its liveness restarts it.
     */
    @WithDefault("60s")
    Duration grace();
}
