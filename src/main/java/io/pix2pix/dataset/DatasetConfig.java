package io.pix2pix.dataset;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;
import java.util.OptionalLong;

/** How a worker reads and keeps the pairs that it trains on. */
@ConfigMapping(prefix = "pix2pix.dataset")
public interface DatasetConfig {
    /**
     * Memory for decoded pairs, of all datasets open in this process together, bytes; default a
     * quarter of the heap. A pair of colour pictures of 286 x 286 pixels takes half a megabyte.
     * Pairs that do not fit go to the disk cache.
     */
    OptionalLong memoryBytes();

    /**
     * Folder for the decoded pairs that do not fit into memory, kept over restarts; default {@code
     * ~/.cache/pix2pix/pairs}.
     */
    Optional<String> cacheDirectory();

    /**
     * How much that folder may hold, bytes; 0 for nothing. Pairs that fit neither into memory nor
     * here, or that a full disk refuses, are fetched and decoded again in each epoch.
     */
    @WithDefault("21474836480")
    long cacheBytes();

    /** Files that are fetched and decoded at a time. */
    @WithDefault("8")
    int fetchThreads();

    /** Headers that are read at a time when a job's pairs are checked. */
    @WithDefault("32")
    int checkThreads();

    /** Larger files are refused unread, bytes. */
    @WithDefault("67108864")
    long maxImageBytes();

    /** Pictures of more pixels are refused from their header, before memory is taken. */
    @WithDefault("100000000")
    long maxImagePixels();
}
