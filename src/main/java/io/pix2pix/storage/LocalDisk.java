package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What this machine's disk refuses, as failures: code {@code DISK_FULL} with the bytes that are
 * needed and free, or {@code LOCAL_FILE}. Both are retriable, since another worker, or this one
 * later, may have the room.
 */
public final class LocalDisk {
    /** As Linux and macOS say it in English; in other languages the free bytes have to tell. */
    private static final Pattern FULL =
            Pattern.compile("No space left on device|[Qq]uota exceeded|not enough space");

    private static final long UNKNOWN = Long.MAX_VALUE;

    private LocalDisk() {}

    /**
     * Fails before anything is written that would not fit.
     *
     * @param what was tried, such as {@code Failed to write /a/b}
     * @param folder where; must be there
     * @param bytes that are needed
     * @throws FailureException DISK_FULL
     */
    public static void requireRoom(Stage stage, String what, Path folder, long bytes) {
        long free = free(folder);
        if (free < bytes) {
            throw new FailureException(full(stage, what, folder, bytes, free));
        }
    }

    /**
     * @param path the file or folder that could not be written
     * @param bytes that are needed for it; 0 when that is not known
     */
    public static FailureException failure(
            Stage stage, String what, Path path, long bytes, IOException e) {
        Path folder = Files.isDirectory(path) || path.getParent() == null ? path : path.getParent();
        long free = free(folder);
        boolean isFull = FULL.matcher(String.valueOf(e.getMessage())).find() || free < bytes;
        return new FailureException(
                isFull
                        ? full(stage, what, folder, bytes, free)
                        : Failure.retriable(stage, "LOCAL_FILE", what + ": " + e),
                e);
    }

    private static Failure full(Stage stage, String what, Path folder, long bytes, long free) {
        return Failure.retriable(
                stage,
                "DISK_FULL",
                "%s: the disk is full: %s needed in %s, %s free"
                        .formatted(
                                what,
                                bytes == 0 ? "more bytes are" : bytes + " bytes are",
                                folder,
                                free == UNKNOWN ? "unknown how many are" : free + " are"));
    }

    private static long free(Path folder) {
        try {
            FileStore disk = Files.getFileStore(folder);
            // Some file systems do not count.
            return disk.getTotalSpace() == 0 ? UNKNOWN : disk.getUsableSpace();
        } catch (IOException e) {
            return UNKNOWN; // what is wrong with it shows when it is used
        }
    }
}
