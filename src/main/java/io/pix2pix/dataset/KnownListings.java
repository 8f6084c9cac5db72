package io.pix2pix.dataset;

import com.fasterxml.jackson.core.type.TypeReference;
import io.pix2pix.event.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Remembers on the local disk which files a fingerprint stands for, so that a dataset that changed
 * can be told file by file: gzipped JSON, entity tags by file. The latest few are kept; it is no
 * error when one is not there.
 */
final class KnownListings {
    private static final Logger LOG = System.getLogger(KnownListings.class.getName());
    private static final int KEPT = 32;

    private final Path directory;
    private final boolean keeps;

    private KnownListings(Path directory, boolean keeps) {
        this.directory = directory;
        this.keeps = keeps;
    }

    /** Beside the decoded pairs; remembers nothing where those may take no room. */
    static KnownListings of(DatasetConfig config) {
        Path directory = PairedDatasets.directory(config).resolve("listings");
        return new KnownListings(directory, config.cacheBytes() > 0);
    }

    void keep(String fingerprint, DatasetFiles files) {
        Path file = directory.resolve(fingerprint);
        if (!keeps || Files.exists(file)) {
            return;
        }
        try {
            Files.createDirectories(directory);
            Path part = Files.createTempFile(directory, fingerprint, ".part");
            try {
                try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(part))) {
                    Json.mapper().writeValue(out, files.etags());
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
            prune();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Failed to remember a dataset''s files in {0}: {1}", file, e);
        }
    }

    private void prune() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path old :
                    files.sorted(Comparator.comparing(KnownListings::time).reversed())
                            .skip(KEPT)
                            .toList()) {
                Files.deleteIfExists(old);
            }
        }
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // Another process deleted it meanwhile.
        }
    }

    /** What {@link DatasetFiles#etags} gave, or empty when that is not known here. */
    Optional<Map<String, String>> find(String fingerprint) {
        Path file = directory.resolve(fingerprint);
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return Optional.of(Json.mapper().readValue(in, new TypeReference<>() {}));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Failed to read {0}: {1}", file, e);
            return Optional.empty();
        }
    }
}
