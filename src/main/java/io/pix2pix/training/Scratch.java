package io.pix2pix.training;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.LocalDisk;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/**
 * A folder on the local disk for files on their way to or from storage; gone when it is closed.
 *
 * <p>What a killed process left is swept up by those after it, when it is an hour old: no
 * checkpoint takes that long, and other processes may be using the same place.
 */
final class Scratch implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Scratch.class.getName());
    private static final String PREFIX = "checkpoint-";
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final Path folder;

    private Scratch(Path folder) {
        this.folder = folder;
    }

    /**
     * A file whose content is known.
     *
     * @param sha256 in hex
     */
    record Local(Path path, String name, long size, String sha256) {}

    /** Writes a file's content. */
    interface Content {
        void write(Path file) throws IOException;
    }

    /**
     * @param directory where; made unless it is there
     * @throws FailureException DISK_FULL or LOCAL_FILE
     */
    static Scratch open(Path directory) {
        try {
            Files.createDirectories(directory);
            sweep(directory);
            return new Scratch(Files.createTempDirectory(directory, PREFIX));
        } catch (IOException e) {
            throw LocalDisk.failure(
                    Stage.TRAIN, "Failed to use the scratch folder " + directory, directory, 0, e);
        }
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /**
     * @param bytes that the content takes at most; what would not fit is not begun
     * @throws FailureException DISK_FULL, or LOCAL_FILE: the disk is broken
     */
    Local write(String name, long bytes, Content content) {
        Path path = file(name);
        String what = "Failed to write " + path;
        LocalDisk.requireRoom(Stage.TRAIN, what, folder, bytes);
        try {
            content.write(path);
            return new Local(path, name, Files.size(path), sha256(path));
        } catch (IOException e) {
            throw LocalDisk.failure(Stage.TRAIN, what, path, bytes, e);
        }
    }

    /** SHA-256 of a file, in hex. */
    static String sha256(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 18];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        } catch (IOException e) {
            throw LocalDisk.failure(Stage.TRAIN, "Failed to read " + file, file, 0, e);
        }
    }

    private static void sweep(Path directory) throws IOException {
        Instant limit = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, PREFIX + "*")) {
            for (Path each : folders) {
                if (lastUse(each).isBefore(limit)) {
                    delete(each);
                }
            }
        }
    }

    /** When a file was last begun in it, or now when it is being swept by another. */
    private static Instant lastUse(Path folder) throws IOException {
        try {
            return Files.getLastModifiedTime(folder).toInstant();
        } catch (NoSuchFileException e) {
            return Instant.now();
        }
    }

    private static void delete(Path folder) {
        try {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // The work itself is done; the next sweep tries again.
            LOG.log(Level.WARNING, "Failed to delete " + folder, e);
        }
    }

    @Override
    public void close() {
        delete(folder);
    }
}
