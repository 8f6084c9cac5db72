package io.pix2pix.worker;

import io.pix2pix.engine.StandIn;
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
    StandInConfig standIn();

    /** A device for benchmarks and tests of everything but the device, with faults on request. */
    interface StandInConfig {
        /** How long the stand-in takes for an image. */
        @WithDefault("10ms")
        Duration perImage();

        /**
         * What a picture does whose top left pixel is magenta (255, 0, 255): {@code halt} ends the
         * process with exit code 137, {@code fail} fails each batch with it for good.
         */
        Optional<StandIn.Poison> poison();

        /** Every so manieth batch fails with a device error; 0: none. */
        @WithDefault("0")
        int failEvery();

        /** Larger batches fail for want of memory; default: none. */
        OptionalInt outOfMemoryAboveBatch();

        /** After so many batches the device is broken; default: never. */
        OptionalInt breakAfter();
    }
}
