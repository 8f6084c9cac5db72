package io.pix2pix.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** A file in the making: it appears under its name when it is whole, or not at all. */
record Download(Path part, Path target) implements AutoCloseable {
    static Download beside(Path target) throws IOException {
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(target + " is no file's name");
        }
        Files.createDirectories(folder);
        return new Download(folder.resolve(".download-" + UUID.randomUUID() + ".part"), target);
    }

    void finish() throws IOException {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(part);
    }
}
