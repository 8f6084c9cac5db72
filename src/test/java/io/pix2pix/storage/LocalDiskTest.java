package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.testing.SmallDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks without room, the one that is mounted for it and those that every machine has. */
@Timeout(60)
class LocalDiskTest {
    private static final S3Uri URI_A = S3Uri.parse("s3://b/a");
    private static final Path FULL = Path.of("/dev/full");

    private FaultyS3 server;
    private ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = new FaultyS3();
        store = new ObjectStore(server.settings());
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    /** No disk has room for an exbibyte. */
    @Test
    void readsNothingThatDoesNotFit(@TempDir Path folder) {
        server.answers((exchange, n) -> claim(exchange, 1L << 60));

        Failure failure = failure(() -> store.download(URI_A, folder.resolve("a")));

        assertThat(failure.code()).isEqualTo("DISK_FULL");
        assertThat(failure.retriable()).isTrue();
        assertThat(failure.message())
                .startsWith("Failed to download s3://b/a to " + folder.resolve("a"))
                .contains("1152921504606846976 bytes are needed in " + folder)
                .containsPattern("\\d+ are free");
        assertThat(server.count("GET")).isEqualTo(1);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void knowsAFullDiskFromABrokenFile(@TempDir Path folder) {
        assumeTrue(Files.exists(FULL), "this system has no /dev/full");
        IOException full =
                catchThrowableOfType(
                        IOException.class,
                        () -> {
                            try (OutputStream out = Files.newOutputStream(FULL)) {
                                out.write(1);
                            }
                        });
        IOException broken =
                catchThrowableOfType(IOException.class, () -> Files.newOutputStream(folder));

        Path file = folder.resolve("a");
        assertThat(LocalDisk.failure(Stage.TRAIN, "Failed", file, 5, full).failure())
                .satisfies(f -> assertThat(f.code()).isEqualTo("DISK_FULL"))
                .satisfies(f -> assertThat(f.message()).contains("5 bytes", folder.toString()));
        assertThat(LocalDisk.failure(Stage.TRAIN, "Failed", file, 5, broken).failure().code())
                .isEqualTo("LOCAL_FILE");
        assertThatCode(() -> LocalDisk.requireRoom(Stage.TRAIN, "Failed", folder, 1))
                .doesNotThrowAnyException();
    }

    @Test
    void readsNothingBeyondASmallDisk() throws Exception {
        server.answers((exchange, n) -> FaultyS3.send(exchange, 200, new byte[SmallDisk.SIZE + 1]));
        try (SmallDisk disk = SmallDisk.mount()) {
            Failure failure = failure(() -> store.download(URI_A, disk.folder().resolve("a")));

            assertThat(failure.code()).isEqualTo("DISK_FULL");
            assertThat(failure.message()).contains("1048577 bytes are needed", "1048576 are free");
            assertThat(disk.folder()).isEmptyDirectory();
        }
    }

    @Test
    void leavesNothingOnADiskThatFillsUpMeanwhile() throws Exception {
        byte[] body = new byte[SmallDisk.SIZE / 2];
        try (SmallDisk disk = SmallDisk.mount()) {
            server.answers(
                    (exchange, n) -> {
                        if (isHead(exchange)) {
                            FaultyS3.send(exchange, 200, body);
                        } else {
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body, 0, 100_000);
                            exchange.getResponseBody().flush();
                            // More than what is under way, which the client may write meanwhile.
                            disk.fillUpTo(128 * 1024);
                            exchange.getResponseBody().write(body, 100_000, body.length - 100_000);
                        }
                    });
            Failure failure = failure(() -> store.download(URI_A, disk.folder().resolve("a")));

            assertThat(failure.code()).isEqualTo("DISK_FULL");
            assertThat(failure.message()).contains("Failed to download s3://b/a");
            assertThat(server.count("GET")).as("no use in trying again").isEqualTo(1);
            assertThat(disk.folder().toFile().list()).containsExactly("filler");
        }
    }

    private static Failure failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        FailureException e = catchThrowableOfType(FailureException.class, call);
        assertThat(e).isNotNull();
        return e.failure();
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private static void claim(HttpExchange exchange, long length) throws IOException {
        if (isHead(exchange)) {
            FaultyS3.send(exchange, 200, new byte[1]);
        } else {
            exchange.sendResponseHeaders(200, length);
            exchange.getResponseBody().write(new byte[1000]);
            exchange.getResponseBody().flush();
        }
    }
}
