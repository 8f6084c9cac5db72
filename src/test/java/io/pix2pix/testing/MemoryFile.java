package io.pix2pix.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file for readers that want one: in memory where the machine has a file system there, since a
 * disk would be written to for each of a hundred thousand inputs.
 */
public final class MemoryFile implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path path;

    public MemoryFile() {
        try {
            path =
                    Files.isWritable(MEMORY)
                            ? Files.createTempFile(MEMORY, "pix2pix", ".fuzz")
                            : Files.createTempFile("pix2pix", ".fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
