package io.pix2pix.cli;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Moves folders between the local disk and S3, several files at a time. */
final class Transfer {
    private static final int AT_A_TIME = 16;

    private final ObjectStore store;

    Transfer(ObjectStore store) {
        this.store = store;
    }

    /** Uploads a file, or all files below a folder, and returns how many. */
    long upload(Path from, S3Uri to) throws IOException, InterruptedException {
        if (Files.isRegularFile(from)) {
            store.upload(from, to, "application/octet-stream", Map.of());
            return 1;
        }
        try (Stream<Path> files = Files.walk(from)) {
            return each(
                    files.filter(Files::isRegularFile),
                    file ->
                            store.upload(
                                    file,
                                    to.resolve(key(from, file)),
                                    "application/octet-stream",
                                    Map.of()));
        }
    }

    /**
     * Downloads the objects below a prefix that are wanted, and returns how many.
     *
     * @throws FailureException when a key would lead out of the folder
     */
    long download(S3Uri from, Path to, Predicate<String> wanted)
            throws IOException, InterruptedException {
        Path folder = to.toAbsolutePath().normalize();
        Files.createDirectories(folder);
        try (Stream<StoredObject> objects = store.list(from, null)) {
            return each(
                    objects.map(StoredObject::uri)
                            .filter(uri -> wanted.test(uri.key().substring(from.key().length()))),
                    uri -> {
                        Path file = inside(folder, uri.key().substring(from.key().length()), uri);
                        Files.createDirectories(file.getParent());
                        store.download(uri, file);
                    });
        }
    }

    private static Path inside(Path folder, String key, S3Uri uri) {
        Path file = folder.resolve(key).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
            throw new FailureException(
                    Failure.permanent(
                            Stage.STORE,
                            "UNSAFE_KEY",
                            "%s would be written outside %s".formatted(uri, folder)));
        }
        return file;
    }

    private static String key(Path folder, Path file) {
        StringBuilder key = new StringBuilder();
        for (Path part : folder.relativize(file)) {
            key.append(key.isEmpty() ? "" : "/").append(part);
        }
        return key.toString();
    }

    private interface Action<T> {
        void run(T item) throws IOException;
    }

    /** Runs the action on every item with a bounded number under way. */
    private static <T> long each(Stream<T> items, Action<T> action)
            throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            Deque<Future<?>> underWay = new ArrayDeque<>();
            long count = 0;
            for (T item : (Iterable<T>) items::iterator) {
                underWay.add(
                        pool.submit(
                                () -> {
                                    action.run(item);
                                    return null;
                                }));
                count++;
                if (underWay.size() >= 4 * AT_A_TIME) {
                    await(underWay.remove());
                }
            }
            while (!underWay.isEmpty()) {
                await(underWay.remove());
            }
            return count;
        } finally {
            pool.shutdownNow();
        }
    }

    private static void await(Future<?> one) throws IOException, InterruptedException {
        try {
            one.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FailureException f) {
                throw f;
            }
            throw new IOException(e.getCause());
        }
    }
}
