package io.pix2pix.testing;

import io.pix2pix.local.LocalStack;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real Kafka and a real S3 for tests: one pair for the whole test JVM, on free ports and in a
 * temporary folder, started by the first class that asks and ended after the last.
 *
 * <pre>{@code
 * @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
 * }</pre>
 *
 * <p>Tests share the servers, so each takes names of its own from {@link #prefix()} and {@link
 * #name(String)}.
 */
public final class LocalStackExtension implements BeforeAllCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LocalStackExtension.class);

    private @Nullable Shared shared;

    @Override
    public void beforeAll(ExtensionContext context) {
        shared =
                context.getRoot()
                        .getStore(NAMESPACE)
                        .getOrComputeIfAbsent(Shared.class, key -> Shared.start(), Shared.class);
    }

    public String bootstrapServers() {
        return shared().stack().bootstrapServers();
    }

    /** How to reach the S3 server; everything is allowed. */
    public StorageSettings storage() {
        return shared().stack().storage();
    }

    /** What makes a process of the application use these servers: Java system properties. */
    public List<String> settings() {
        StorageSettings storage = storage();
        return List.of(
                "-Dpix2pix.kafka.bootstrap-servers=" + bootstrapServers(),
                "-Dpix2pix.storage.endpoint=" + storage.endpoint().orElseThrow(),
                "-Dpix2pix.storage.access-key=" + storage.accessKey().orElseThrow(),
                "-Dpix2pix.storage.secret-key=" + storage.secretKey().orElseThrow());
    }

    /** One store for all tests; it is not for them to close. */
    public ObjectStore store() {
        return shared().store();
    }

    /** A prefix that no other test uses, ending in a slash. */
    public S3Uri prefix() {
        return new S3Uri(LocalStack.BUCKET, name("test") + "/");
    }

    /** A name, for a topic or a group, that no other test uses. */
    public String name(String stem) {
        return stem + "-" + UUID.randomUUID();
    }

    private Shared shared() {
        return Objects.requireNonNull(shared, "register the extension in a static field");
    }

    private record Shared(Path folder, LocalStack stack, ObjectStore store)
            implements AutoCloseable {
        static Shared start() {
            try {
                Path folder = Files.createTempDirectory("pix2pix-test-");
                LocalStack stack =
                        LocalStack.embed(
                                LocalStack.Settings.onFreePorts(folder), System.err::println);
                return new Shared(folder, stack, new ObjectStore(stack.storage()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            store.close();
            stack.close();
            Folders.delete(folder);
        }
    }
}
