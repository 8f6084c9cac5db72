package io.pix2pix.translation;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** How a worker translates. */
@ConfigMapping(prefix = "pix2pix.translation")
public interface TranslationConfig {
    /** Images a forward pass; default 8 on a CPU, 16 on a GPU. */
    OptionalInt batchSize();

    /**
     * Images between fetch and put at a time, for each of a device's two slots; default four
     * batches.
     */
    OptionalInt imagesInFlight();

    /**
     * Memory for files and pixels of the images in flight, for each slot, bytes; default an eighth
     * of the heap. What codec threads need while they decode comes on top.
     */
    OptionalLong bytesInFlight();

    /** Threads that fetch and put, shared by all slots. */
    @WithDefault("16")
    int ioThreads();

    /** Threads that decode, resize and encode, shared by all slots; default one a core. */
    OptionalInt codecThreads();

    /** Larger input files are refused unread, bytes. */
    @WithDefault("67108864")
    long maxImageBytes();

    /** Pictures of more pixels are refused from their header, before memory is taken. */
    @WithDefault("100000000")
    long maxImagePixels();

    /** A job with more inputs is rejected while it is being planned. */
    @WithDefault("10000000")
    long maxImagesPerJob();

    /** Models. */
    ModelCacheConfig modelCache();

    /** Where models are kept between tasks. */
    interface ModelCacheConfig {
        /** Folder of downloaded models; default {@code ~/.cache/pix2pix/models}. */
        Optional<String> directory();

        /** The least recently used models are deleted beyond this, bytes. */
        @WithDefault("10737418240")
        long maxBytes();

        /** Models that stay on a device at a time. */
        @WithDefault("2")
        int loaded();
    }
}
