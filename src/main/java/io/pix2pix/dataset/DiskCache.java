package io.pix2pix.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decoded pairs on the local disk, kept over restarts: a folder for each set of pairs, a file for
 * each pair, named for all that its content depends on. Files appear by an atomic move and are
 * checked when they are read.
 *
 * <p>When there is no room, the sets that were not used for longest and are not open here are
 * deleted. What still has no room, and what a full or broken disk refuses, is not kept: the caller
 * decodes it again, and the log says so once.
 *
 * <p>Safe for use by many threads. Several processes may share the folder; each counts only what it
 * finds at its start and what it writes itself.
 */
final class DiskCache {
    private static final Logger LOG = System.getLogger(DiskCache.class.getName());

    /** Ends the name of a file in the making. */
    private static final String PART = ".part";

    private final Path directory;
    private final long maxBytes;
    private final Clock clock;
    private final AtomicBoolean complained = new AtomicBoolean();
    private final Map<String, Integer> open = new HashMap<>();

    /** Not known before something is to be written. */
    private long used = -1;

    /**
     * @param maxBytes 0: nothing is kept
     */
    DiskCache(Path directory, long maxBytes, Clock clock) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /**
     * Opens a set's folder, so that nothing in it is deleted to make room.
     *
     * @param name a file name
     */
    synchronized Folder open(String name) {
        open.merge(name, 1, Integer::sum);
        Path path = directory.resolve(name);
        try {
            if (Files.isDirectory(path)) {
                deleteLeftovers(path);
                Files.setLastModifiedTime(path, FileTime.from(clock.instant()));
            }
        } catch (IOException e) {
            complain(e.toString());
        }
        return new Folder(name, path);
    }

    /** What processes that died were writing. */
    private void deleteLeftovers(Path folder) throws IOException {
        FileTime anHourAgo = FileTime.from(clock.instant().minus(1, ChronoUnit.HOURS));
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
            for (Path part : parts) {
                if (lastUsed(part).compareTo(anHourAgo) < 0) {
                    Files.deleteIfExists(part);
                }
            }
        }
    }

    private synchronized void close(String name) {
        open.computeIfPresent(name, (n, count) -> count == 1 ? null : count - 1);
    }

    /** Counts so many bytes as used, or says that there is no room for them. */
    private synchronized boolean reserve(long bytes) throws IOException {
        if (bytes > maxBytes) {
            return false;
        }
        if (used < 0) {
            used = size(directory);
        }
        if (used + bytes > maxBytes) {
            deleteOthers(used + bytes - maxBytes);
        }
        boolean room = used + bytes <= maxBytes;
        used += room ? bytes : 0;
        return room;
    }

    private synchronized void giveBack(long bytes) {
        used -= used < 0 ? 0 : bytes;
    }

    private void deleteOthers(long bytes) throws IOException {
        List<Path> others;
        try (Stream<Path> folders = Files.list(directory)) {
            others =
                    folders.filter(f -> !open.containsKey(String.valueOf(f.getFileName())))
                            .filter(Files::isDirectory)
                            .sorted(Comparator.comparing(DiskCache::lastUsed))
                            .toList();
        }
        long freed = 0;
        for (Path folder : others) {
            if (freed >= bytes) {
                break;
            }
            long size = size(folder);
            delete(folder);
            freed += size;
            used -= size;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    private static long size(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(DiskCache::fileSize).sum();
        } catch (UncheckedIOException e) {
            throw new IOException("Failed to look through " + folder, e);
        }
    }

    /** 0 for a file that another process deleted meanwhile. */
    private static long fileSize(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime lastUsed(Path folder) {
        try {
            return Files.getLastModifiedTime(folder);
        } catch (NoSuchFileException e) {
            return FileTime.fromMillis(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void complain(String why) {
        if (!complained.getAndSet(true)) {
            LOG.log(
                    Level.WARNING,
                    "Decoded pairs are not kept in {0} ({1}): they are fetched and decoded again in"
                            + " each epoch. Give pix2pix.dataset.memory-bytes or cache-bytes more,"
                            + " or the disk",
                    directory,
                    why);
        }
    }

    /** One set's files. */
    final class Folder implements AutoCloseable {
        private final String name;
        private final Path path;

        private Folder(String name, Path path) {
            this.name = name;
            this.path = path;
        }

        /** Null when it is not here. A file that is damaged is deleted. */
        @Nullable PixelPair read(String key) {
            Path file = path.resolve(key);
            try {
                byte[] bytes = Files.readAllBytes(file);
                PixelPair pair = PixelFile.read(bytes);
                if (pair == null && Files.deleteIfExists(file)) {
                    giveBack(bytes.length);
                    LOG.log(Level.WARNING, "{0} is damaged and was deleted", file);
                }
                return pair;
            } catch (NoSuchFileException e) {
                return null;
            } catch (IOException e) {
                complain(e.toString());
                return null;
            }
        }

        /** Keeps the pair if it can. */
        void write(String key, PixelPair pair) {
            byte[] bytes = PixelFile.write(pair);
            try {
                if (!reserve(bytes.length)) {
                    complain("more than the " + maxBytes + " bytes that it may hold");
                    return;
                }
                try {
                    store(path.resolve(key), bytes);
                } catch (IOException e) {
                    giveBack(bytes.length);
                    throw e;
                }
            } catch (IOException | UncheckedIOException e) {
                complain(e.toString());
            }
        }

        private void store(Path file, byte[] bytes) throws IOException {
            Files.createDirectories(path);
            Path part = Files.createTempFile(path, key(file), PART);
            try {
                Files.write(part, bytes);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }

        private String key(Path file) {
            return String.valueOf(file.getFileName());
        }

        @Override
        public void close() {
            DiskCache.this.close(name);
        }
    }
}
