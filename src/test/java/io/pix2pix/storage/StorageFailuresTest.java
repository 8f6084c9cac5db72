package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told when the real server says no. */
class StorageFailuresTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final String TYPE = "text/plain";
    private static final S3Uri NOWHERE = S3Uri.parse("s3://no-such-bucket/a");

    @Test
    void namesTheMissingBucketAndTheServer() {
        ObjectStore store = STACK.store();

        for (ThrowingCallable call :
                new ThrowingCallable[] {
                    () -> store.read(NOWHERE, 10),
                    () -> store.list(NOWHERE, null).findFirst(),
                    () -> store.create(NOWHERE, new byte[1], TYPE, Map.of())
                }) {
            assertThat(failing(call, "NO_BUCKET", false))
                    .hasMessageContaining("bucket 'no-such-bucket' does not exist at")
                    .hasMessageContaining(STACK.storage().endpoint().orElseThrow().toString());
        }
    }

    @Test
    void namesTheMissingObject(@TempDir Path folder) {
        ObjectStore store = STACK.store();
        S3Uri uri = STACK.prefix().resolve("none");

        assertThat(store.head(uri)).isEmpty();
        assertThat(failing(() -> store.read(uri, 10), "NOT_FOUND", false))
                .hasMessageContaining(uri.toString());
        failing(() -> store.download(uri, folder.resolve("x")), "NOT_FOUND", false);
        assertThat(folder).isEmptyDirectory();
        assertThat(store.list(uri, null)).isEmpty();
    }

    @Test
    void refusesTooLargeObjectsUnread() {
        S3Uri uri = STACK.prefix().resolve("a");
        STACK.store().create(uri, new byte[11], TYPE, Map.of());

        assertThat(STACK.store().read(uri, 11).bytes()).hasSize(11);
        assertThat(failing(() -> STACK.store().read(uri, 10), "TOO_LARGE", false))
                .hasMessage(uri + " has 11 bytes, at most 10 are read");
    }

    @Test
    void tellsAWrongAccessKeyFromAWrongSecret() {
        URI endpoint = STACK.storage().endpoint().orElseThrow();
        S3Uri uri = STACK.prefix().resolve("a");

        try (ObjectStore stranger =
                        new ObjectStore(StorageSettings.at(endpoint, "stranger", "secret"));
                ObjectStore mistyped =
                        new ObjectStore(StorageSettings.at(endpoint, "pix2pix", "secret"))) {
            assertThat(failing(() -> stranger.read(uri, 10), "ACCESS_DENIED", false))
                    .hasMessageContaining("pix2pix.storage.access-key");
            assertThat(failing(() -> mistyped.read(uri, 10), "ACCESS_DENIED", false))
                    .hasMessageContaining("pix2pix.storage.secret-key");
        }
    }

    @Test
    void wantsBothKeysOrNone() {
        URI endpoint = STACK.storage().endpoint().orElseThrow();

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new ObjectStore(StorageSettings.at(endpoint, "pix2pix", "")).close())
                .withMessageContaining("secret-key is missing");
    }

    @Test
    void saysThatNothingListens() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        URI endpoint = URI.create("http://127.0.0.1:" + port);

        StorageSettings impatient =
                StorageSettings.at(endpoint, "a", "b")
                        .within(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                3,
                                Duration.ofSeconds(20));

        try (ObjectStore store = new ObjectStore(impatient)) {
            FailureException e =
                    failing(() -> store.read(NOWHERE, 10), "STORAGE_UNAVAILABLE", true);
            assertThat(e)
                    .hasMessageContaining(endpoint.toString())
                    .hasMessageContaining("Connection refused")
                    .hasMessageContaining("pix2pix.storage.endpoint");
            assertThat(e.failure().stage()).isEqualTo(Stage.FETCH);
        }
    }

    @Test
    void refusesKeysThatTheServerCannotStore() {
        S3Uri outOfTheBucket = STACK.prefix().resolve("../../../b");
        S3Uri emptySegment = STACK.prefix().resolve("a//b");
        S3Uri tooLong = STACK.prefix().resolve("/x".repeat(512));

        assertThat(failing(() -> create(outOfTheBucket), "STORAGE_REFUSED", false))
                .hasMessageContaining(outOfTheBucket.toString());
        assertThat(failing(() -> create(emptySegment), "ACCESS_DENIED", false))
                .hasMessageContaining("take the empty segment ('//') out of the key");
        assertThat(failing(() -> create(tooLong), "STORAGE_REFUSED", false))
                .hasMessageContaining("bytes, S3 takes 1024");
    }

    @Test
    void leavesTheOldFileWhenADownloadFails(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");

        failing(() -> STACK.store().download(STACK.prefix(), file), "NOT_FOUND", false);

        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void blamesTheLocalFileForLocalFaults(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        S3Uri uri = STACK.prefix().resolve("a");
        STACK.store().create(uri, "content".getBytes(UTF_8), TYPE, Map.of());

        failing(() -> STACK.store().download(uri, file.resolve("below")), "LOCAL_FILE", true);
        failing(
                () -> STACK.store().upload(folder.resolve("none"), uri, TYPE, Map.of()),
                "LOCAL_FILE",
                true);
    }

    @Test
    void staysWithinTheAllowList() {
        S3Uri inside = STACK.prefix();
        S3Uri outside = STACK.prefix().resolve("a");
        StorageSettings some =
                STACK.storage().allowing(List.of(inside.toString()), null, null, null);

        try (ObjectStore store = new ObjectStore(some)) {
            store.create(inside.resolve("a"), new byte[1], TYPE, Map.of());
            failing(() -> store.create(outside, new byte[1], TYPE, Map.of()), "NOT_ALLOWED", false);
            failing(() -> store.read(outside, 1), "NOT_ALLOWED", false);
            failing(() -> store.head(outside), "NOT_ALLOWED", false);
            failing(() -> store.list(outside, null), "NOT_ALLOWED", false);
            failing(() -> store.createBucket("other"), "NOT_ALLOWED", false);
        }
    }

    @Test
    void readsOutputsAgainButWritesNoInputs() {
        S3Uri inputs = STACK.prefix();
        S3Uri outputs = STACK.prefix();
        S3Uri models = STACK.prefix();
        STACK.store().create(inputs.resolve("a"), new byte[1], TYPE, Map.of());
        STACK.store().create(models.resolve("a"), new byte[1], TYPE, Map.of());
        StorageSettings some =
                STACK.storage()
                        .allowing(
                                List.of(),
                                List.of(inputs.toString()),
                                List.of(outputs.toString()),
                                List.of(models.toString()));

        try (ObjectStore store = new ObjectStore(some)) {
            store.create(outputs.resolve("a"), new byte[1], TYPE, Map.of());
            for (S3Uri prefix : List.of(inputs, outputs, models)) {
                assertThat(store.read(prefix.resolve("a"), 1).bytes()).hasSize(1);
                assertThat(store.list(prefix, null)).hasSize(1);
            }
            for (S3Uri prefix : List.of(inputs, models)) {
                S3Uri uri = prefix.resolve("a");
                for (ThrowingCallable call :
                        new ThrowingCallable[] {
                            () -> store.put(uri, new byte[1], TYPE),
                            () -> store.delete(uri),
                            () -> store.abortUploads(prefix, Instant.now()),
                        }) {
                    assertThat(failing(call, "NOT_ALLOWED", false))
                            .hasMessageContaining("pix2pix.storage.allow-write")
                            .hasMessageContaining(outputs.toString());
                }
            }
        }
    }

    private static void create(S3Uri uri) {
        STACK.store().create(uri, new byte[1], TYPE, Map.of());
    }

    private static FailureException failing(ThrowingCallable call, String code, boolean retriable) {
        FailureException e = catchThrowableOfType(FailureException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.failure().code()).isEqualTo(code);
        assertThat(e.failure().retriable()).isEqualTo(retriable);
        return e;
    }
}
