package io.pix2pix.torchscript;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A zip file as PyTorch writes them, one folder with all entries in it, that may be anybody's: it
 * has a bounded number of entries, and reading stops where too much has come out of it.
 *
 * <p>Entries are found through the zip's central directory: the sizes stand behind the data, so a
 * forward-only reader cannot find the ends.
 */
final class TorchZip implements Closeable {
    /** PyTorch writes one a tensor. */
    static final int MAX_ENTRIES = 20_000;

    private final ZipFile zip;
    private final String top;
    private final ReadBudget budget;

    private TorchZip(ZipFile zip, ReadBudget budget) {
        this.zip = zip;
        this.budget = budget;
        // The first entry's folder is the archive's; names with other folders are not PyTorch's.
        String first = zip.size() == 0 ? "" : zip.entries().nextElement().getName();
        this.top = first.substring(0, first.indexOf('/') + 1);
    }

    /**
     * @throws ZipException when it is no zip file that can be read
     */
    static TorchZip open(Path file) throws IOException {
        ReadBudget budget = ReadBudget.of(Files.size(file));
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (IllegalArgumentException e) {
            // A name that is no text.
            throw malformed(e);
        }
        int entries = zip.size();
        if (entries > MAX_ENTRIES) {
            zip.close();
            throw new ZipException(
                    "it has %d entries, expected at most %d".formatted(entries, MAX_ENTRIES));
        }
        try {
            return new TorchZip(zip, budget);
        } catch (RuntimeException e) {
            zip.close();
            throw malformed(e);
        }
    }

    /** What is left to be read. */
    ReadBudget budget() {
        return budget;
    }

    /** The archive's folder with its slash; empty where it has none. */
    String top() {
        return top;
    }

    /** In the central directory's order. */
    List<? extends ZipEntry> entries() throws ZipException {
        try {
            return Collections.unmodifiableList(Collections.list(zip.entries()));
        } catch (IllegalArgumentException e) {
            throw malformed(e);
        }
    }

    /** An entry below the archive's folder. */
    @Nullable ZipEntry find(String name) throws ZipException {
        try {
            return top.isEmpty() ? null : zip.getEntry(top + name);
        } catch (IllegalArgumentException e) {
            throw malformed(e);
        }
    }

    /** The content of an entry that must be there. */
    byte[] read(String name, int limit) throws IOException {
        ZipEntry entry = find(name);
        if (entry == null) {
            throw new IOException("it lacks the entry " + name);
        }
        return read(entry, limit);
    }

    byte[] read(ZipEntry entry, int limit) throws IOException {
        long size = entry.getSize();
        if (size < 0 || size > limit) {
            throw new IOException(
                    "its entry %s has %d bytes, expected at most %d"
                            .formatted(entry.getName(), size, limit));
        }
        budget.take(size);
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] content = in.readNBytes((int) size);
            if (content.length < size) {
                throw new IOException(
                        "its entry %s ends after %d of %d bytes"
                                .formatted(entry.getName(), content.length, size));
            }
            return content;
        } catch (IllegalArgumentException e) {
            throw malformed(e);
        }
    }

    private static ZipException malformed(RuntimeException cause) {
        ZipException malformed =
                new ZipException("its directory is damaged: " + cause.getMessage());
        malformed.initCause(cause);
        return malformed;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
