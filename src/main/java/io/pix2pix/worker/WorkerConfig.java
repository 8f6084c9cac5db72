package io.pix2pix.worker;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What this process does and on which device. */
@ConfigMapping(prefix = "pix2pix")
public interface WorkerConfig {
    /** Which parts run here: coordinator, translator, trainer. */
    @WithDefault("coordinator,translator,trainer")
    Set<Role> roles();

    /** Names this process in events and results; default: host name and process number. */
    Optional<String> name();

    /**
     * Where networks run: {@code auto} (a GPU if there is one), {@code cpu}, {@code gpu}, {@code
     * gpu:1}; or {@code stand-in}, a device that computes nothing and only takes its time
     * (translating only).
     */
    @WithDefault("auto")
    String device();

    /** Threads that share one forward pass on the CPU; default: one a core. */
    OptionalInt threads();

    /** Where native libraries are unpacked; default {@code ~/.djl.ai}. */
    Optional<String> natives();

    /** The stand-in device. */
    StandIn standIn();

    /** A device for measuring everything but the device. */
    interface StandIn {
        /** How long the stand-in takes for an image. */
        @WithDefault("10ms")
        Duration perImage();
    }
}
