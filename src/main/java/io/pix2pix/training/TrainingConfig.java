package io.pix2pix.training;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How workers train. */
@ConfigMapping(prefix = "pix2pix.training")
public interface TrainingConfig {
    /**
     * A checkpoint is written at least this often; what a killed worker did since its last one is
     * done again. When another training job waits, the device goes to it at a checkpoint.
     */
    @WithDefault("10m")
    Duration slice();

    /** Local folder for files under way; needs room for two checkpoints (unet_256: 2 GB). */
    @WithDefault("${java.io.tmpdir}/pix2pix-training")
    String scratch();
}
