package io.pix2pix.local;

import io.pix2pix.failure.FailureException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.function.Supplier;

/** Where a stack keeps everything: {@code kafka/}, {@code s3/} and a lock file. */
record StackFolder(Path path) {
    /** Makes the folder if it is not there, and makes sure that the servers can use it. */
    static StackFolder prepare(Path path) {
        try {
            Files.createDirectories(path);
            StackFolder folder = new StackFolder(path.toRealPath());
            for (ServerProcess server : folder.servers()) {
                Files.createDirectories(server.folder());
            }
            folder.requireAttributes();
            return folder;
        } catch (IOException e) {
            throw unusable(path, e.toString(), e);
        }
    }

    /** An existing folder. */
    static StackFolder of(Path path) {
        try {
            return new StackFolder(path.toRealPath());
        } catch (IOException e) {
            throw unusable(path, e.toString(), e);
        }
    }

    ServerProcess kafka() {
        return new ServerProcess("Kafka", path.resolve("kafka"));
    }

    ServerProcess s3() {
        return new ServerProcess("S3", path.resolve("s3"));
    }

    List<ServerProcess> servers() {
        return List.of(kafka(), s3());
    }

    /** Runs while no other process starts or stops servers here; threads of one JVM wait, too. */
    <T> T locked(Supplier<T> action) {
        synchronized (StackFolder.class) {
            try (FileChannel channel =
                            FileChannel.open(
                                    path.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assert lock.isValid();
                return action.get();
            } catch (IOException e) {
                throw unusable(path, e.toString(), e);
            }
        }
    }

    /** S3Proxy keeps metadata and entity tags in extended attributes and drops them silently. */
    private void requireAttributes() throws IOException {
        Path probe = Files.createTempFile(path, "probe", "");
        try {
            UserDefinedFileAttributeView attributes =
                    Files.getFileAttributeView(probe, UserDefinedFileAttributeView.class);
            if (attributes == null) {
                throw new IOException("the file system keeps no extended attributes");
            }
            attributes.write("user.pix2pix", ByteBuffer.wrap(new byte[] {1}));
        } finally {
            Files.delete(probe);
        }
    }

    private static FailureException unusable(Path path, String why, IOException e) {
        return LocalFailures.of(
                "LOCAL_FOLDER",
                "Failed to use the folder %s for local Kafka and S3: %s; choose another with --dir"
                        .formatted(path, why),
                e);
    }
}
