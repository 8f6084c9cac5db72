package io.pix2pix.translation;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.LocalDisk;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Models on the local disk, one file for each (URI, entity tag), kept over restarts. Several
 * processes may share the folder: files appear by an atomic move.
 *
 * <p>Safe for use by many threads; one download runs at a time.
 */
public final class ModelFiles {
    private static final String SUFFIX = ".pt";
    private static final String PART = ".part";
    private static final Duration ABANDONED = Duration.ofHours(1);

    /**
     * @param sha256 of the content, in hex
     */
    record ModelFile(Path path, String sha256) {}

    private final ObjectStore store;
    private final Path directory;
    private final long maxBytes;
    private final Clock clock;

    /**
     * @param maxBytes the least recently used files are deleted beyond this
     */
    public ModelFiles(ObjectStore store, Path directory, long maxBytes, Clock clock) {
        this.store = store;
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** As configured. */
    public static ModelFiles of(ObjectStore store, TranslationConfig config, Clock clock) {
        Path directory =
                config.modelCache()
                        .directory()
                        .map(Path::of)
                        .orElseGet(
                                () ->
                                        Path.of(
                                                System.getProperty("user.home"),
                                                ".cache",
                                                "pix2pix",
                                                "models"));
        return new ModelFiles(store, directory, config.modelCache().maxBytes(), clock);
    }

    /**
     * The model as it is in storage now.
     *
     * @throws FailureException stage MODEL: MODEL_NOT_FOUND, NOT_ALLOWED
     */
    StoredObject find(S3Uri uri) {
        store.allow().requireModel(Stage.MODEL, "model.uri: ", uri);
        try {
            return store.head(uri)
                    .orElseThrow(
                            () ->
                                    Failures.permanent(
                                            Stage.MODEL,
                                            "MODEL_NOT_FOUND",
                                            "model.uri: there is no object " + uri));
        } catch (FailureException e) {
            throw Failures.at(Stage.MODEL, e);
        }
    }

    /**
     * The model's file, downloaded unless it is here.
     *
     * @throws FailureException stage MODEL, retriable: DISK_FULL, LOCAL_FILE, MODEL_CHANGED, or
     *     what the storage says
     */
    synchronized ModelFile fetch(StoredObject model) {
        if (model.size() > maxBytes) {
            throw Failures.permanent(
                    Stage.MODEL,
                    "MODEL_TOO_LARGE",
                    "model.uri: %s has %d bytes, more than pix2pix.translation.model-cache.max-bytes, %d"
                            .formatted(model.uri(), model.size(), maxBytes));
        }
        try {
            Path file = directory.resolve(name(model));
            if (!Files.exists(file)) {
                Files.createDirectories(directory);
                download(model, file);
                makeRoom(file);
            }
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            return new ModelFile(file, sha256(file));
        } catch (IOException e) {
            throw LocalDisk.failure(
                    Stage.MODEL,
                    "Failed to keep %s in %s (pix2pix.translation.model-cache.directory)"
                            .formatted(model.uri(), directory),
                    directory,
                    0,
                    e);
        }
    }

    private void download(StoredObject model, Path file) throws IOException {
        Path part = Files.createTempFile(directory, "download", PART);
        try {
            StoredObject downloaded = store.download(model.uri(), part);
            if (!downloaded.etag().equals(model.etag())) {
                throw Failures.retriable(
                        Stage.MODEL,
                        "MODEL_CHANGED",
                        "%s was replaced while it was being read".formatted(model.uri()));
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FailureException e) {
            throw Failures.at(Stage.MODEL, e);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Loaded models need their files no more. */
    private void makeRoom(Path latest) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> found = all.toList();
            deleteLeftovers(found);
            files =
                    found.stream()
                            .filter(f -> f.toString().endsWith(SUFFIX) && !f.equals(latest))
                            .sorted(Comparator.comparing(ModelFiles::lastUsed).reversed())
                            .toList();
        }
        long bytes = Files.size(latest);
        for (Path file : files) {
            bytes += size(file);
            if (bytes > maxBytes) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** What killed processes were downloading; what is being downloaded now is younger. */
    private void deleteLeftovers(List<Path> files) throws IOException {
        FileTime limit = FileTime.from(clock.instant().minus(ABANDONED));
        for (Path file : files) {
            if (file.toString().endsWith(PART) && lastUsed(file).compareTo(limit) < 0) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** 0 for a file that another process deleted meanwhile. */
    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static FileTime lastUsed(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (NoSuchFileException e) {
            return FileTime.fromMillis(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(StoredObject model) {
        MessageDigest digest = sha256();
        digest.update(model.uri().toString().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(model.etag().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest.digest()) + SUFFIX;
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
