package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore.Written;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults that pass, and what is said of those that do not. */
@Timeout(60)
class StorageRetriesTest {
    private static final S3Uri URI_A = S3Uri.parse("s3://b/a");
    private static final byte[] WHOLE = "0123456789".getBytes(UTF_8);
    private static final byte[] DAMAGED = "0123456780".getBytes(UTF_8);

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

    @ParameterizedTest
    @CsvSource({
        "500, InternalError, STORAGE_UNAVAILABLE",
        "502, BadGateway, STORAGE_UNAVAILABLE",
        "503, ServiceUnavailable, STORAGE_UNAVAILABLE",
        "504, GatewayTimeout, STORAGE_UNAVAILABLE",
        "408, RequestTimeout, STORAGE_UNAVAILABLE",
        "400, RequestTimeout, STORAGE_UNAVAILABLE",
        "400, IncompleteBody, STORAGE_UNAVAILABLE",
        "409, ConditionalRequestConflict, STORAGE_UNAVAILABLE",
        "400, BadDigest, CHECKSUM_MISMATCH",
        "403, RequestTimeTooSkewed, CLOCK_SKEWED",
        "503, SlowDown, THROTTLED",
        "429, TooManyRequests, THROTTLED",
    })
    void repeatsWhatTheServerPutsOffAndSaysSoInTheEnd(int status, String said, String code) {
        server.answers((exchange, n) -> FaultyS3.error(exchange, n == 0 ? status : 200, said));
        assertThat(store.create(URI_A, WHOLE, "a/b", Map.of())).isEqualTo(Written.CREATED);
        assertThat(server.requests()).hasSize(2);

        server.answers((exchange, n) -> FaultyS3.error(exchange, status, said));
        assertThat(failing(() -> store.create(URI_A, WHOLE, "a/b", Map.of()), code))
                .hasMessageStartingWith("Failed to write s3://b/a: ")
                .hasMessageContaining("(%d %s: said the server)".formatted(status, said))
                .hasMessageEndingWith("[gave up after 3 tries]");
        assertThat(server.requests()).hasSize(5);
    }

    @Test
    void asksAgainForABodyThatBrokeOff(@TempDir Path folder) {
        server.answers(
                (exchange, n) ->
                        FaultyS3.send(exchange, 200, WHOLE, n % 2 == 0 ? 4 : WHOLE.length));
        assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);

        server.answers(
                (exchange, n) -> FaultyS3.send(exchange, 200, WHOLE, n == 3 ? 4 : WHOLE.length));
        store.download(URI_A, folder.resolve("a"));

        assertThat(folder.resolve("a")).hasBinaryContent(WHOLE);
        assertThat(server.count("GET")).isEqualTo(4);
    }

    @Test
    void givesUpOnABodyThatAlwaysBreaksOff(@TempDir Path folder) {
        server.answers((exchange, n) -> FaultyS3.send(exchange, 200, WHOLE, 4));

        unavailable(() -> store.read(URI_A, 100));
        unavailable(() -> store.download(URI_A, folder.resolve("a")));

        assertThat(server.count("GET")).isEqualTo(6);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void asksAgainForABodyThatIsNotWhatItsChecksumSays(@TempDir Path folder) {
        server.answers((exchange, n) -> checked(exchange, n % 2 == 0 ? DAMAGED : WHOLE));
        assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);

        server.answers((exchange, n) -> checked(exchange, n == 3 ? DAMAGED : WHOLE));
        store.download(URI_A, folder.resolve("a"));

        assertThat(folder.resolve("a")).hasBinaryContent(WHOLE);
        assertThat(server.count("GET")).isEqualTo(4);
    }

    @Test
    void givesUpOnABodyThatIsNeverWhatItsChecksumSays(@TempDir Path folder) {
        server.answers((exchange, n) -> checked(exchange, DAMAGED));

        assertThat(failing(() -> store.read(URI_A, 100), "CHECKSUM_MISMATCH"))
                .hasMessageContaining("s3://b/a")
                .hasMessageContaining(crc32(DAMAGED))
                .hasMessageContaining(crc32(WHOLE))
                .hasMessageContaining("3 tries");
        failing(() -> store.download(URI_A, folder.resolve("a")), "CHECKSUM_MISMATCH");
        assertThat(folder).isEmptyDirectory();
    }

    /** The command line of AWS writes such; they take native code to compute. */
    @Test
    void readsWhatHasAChecksumThatCannotBeLookedAt() {
        server.answers(
                (exchange, n) -> {
                    exchange.getResponseHeaders().add("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=");
                    exchange.getResponseHeaders().add("x-amz-checksum-type", "FULL_OBJECT");
                    FaultyS3.send(exchange, 200, WHOLE);
                });

        assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);
    }

    @Test
    void repeatsAWriteThatMetAnother() {
        server.answers(
                (exchange, n) ->
                        FaultyS3.error(exchange, n == 0 ? 409 : 412, "ConditionalRequestConflict"));

        assertThat(store.create(URI_A, WHOLE, "a/b", Map.of())).isEqualTo(Written.EXISTS);

        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void repeatsWhatAResetCutOff() throws IOException {
        try (ResettingServer resetting = new ResettingServer(2);
                ObjectStore store = at(resetting.uri())) {
            assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);
        }
        try (ResettingServer resetting = new ResettingServer(3);
                ObjectStore store = at(resetting.uri())) {
            assertThat(unavailable(() -> store.read(URI_A, 100)))
                    .hasMessageContaining("reset")
                    .hasMessageContaining("3 tries");
        }
    }

    @Test
    void doesNotWaitForEverForAnAnswer() {
        server.answers((exchange, n) -> server.neverAnswer());

        FailureException e = unavailable(() -> store.head(URI_A));

        assertThat(e).hasMessageContaining("s3://b/a").hasMessageContaining("does not answer");
    }

    @Test
    void doesNotReadForEverWhatOnlyTrickles(@TempDir Path folder) {
        server.answers((exchange, n) -> trickle(exchange));
        try (ObjectStore hurried = within(Duration.ofSeconds(1))) {
            assertThat(unavailable(() -> hurried.read(URI_A, 1 << 20)))
                    .hasMessageContaining("s3://b/a")
                    .hasMessageContaining("gave up after 1 try, the 1 s of pix2pix.storage.budget");
            unavailable(() -> hurried.download(URI_A, folder.resolve("a")));
            unavailable(() -> hurried.list(URI_A, null).findFirst());
        }
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void staysWithinItsBudgetWhateverTriesAreLeft() {
        server.answers(
                (exchange, n) -> {
                    if (n < 2) {
                        FaultyS3.error(exchange, 500, "InternalError");
                    } else {
                        trickle(exchange);
                    }
                });
        try (ObjectStore hurried = within(Duration.ofSeconds(2))) {
            assertThat(unavailable(() -> hurried.read(URI_A, 1 << 20)))
                    .hasMessageContaining("after 3 tries, the 2 s of pix2pix.storage.budget")
                    .hasMessageContaining("before that: ")
                    .hasMessageContaining("InternalError: said the server");
        }
    }

    /**
     * Resets count for two of the twelve in a hundred; the outage before is for the SDK's quota.
     */
    @Test
    void goesOnAfterAnOutageWhileOneInEightRequestsFails() throws Exception {
        Random random = new Random(5);
        List<Boolean> fails =
                IntStream.range(0, 4000)
                        .mapToObj(n -> n < 200 || random.nextInt(100) < 12)
                        .toList();
        server.answers(
                (exchange, n) -> {
                    if (!fails.get(n)) {
                        FaultyS3.send(exchange, 200, WHOLE);
                    } else if (n % 6 == 0) {
                        exchange.close();
                    } else {
                        FaultyS3.error(exchange, 500, "InternalError");
                    }
                });
        StorageSettings patient =
                server.settings()
                        .within(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                12,
                                Duration.ofSeconds(50));
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try (ObjectStore many = new ObjectStore(patient)) {
            Callable<ObjectStore.Content> read = () -> many.read(URI_A, 100);
            List<Future<ObjectStore.Content>> reads = new ArrayList<>();
            IntStream.range(0, 1000).forEach(i -> reads.add(threads.submit(read)));
            for (Future<ObjectStore.Content> each : reads) {
                assertThat(each.get().bytes()).isEqualTo(WHOLE);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void stopsForAnInterruptAndKeepsIt() {
        Thread.currentThread().interrupt();

        FailureException e = unavailable(() -> store.read(URI_A, 100));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(e).hasMessageEndingWith("interrupted");
    }

    @Test
    void saysWhatTheServerSaid() {
        server.answers((exchange, n) -> FaultyS3.error(exchange, 400, "KeyTooLongError"));

        FailureException e =
                catchThrowableOfType(
                        FailureException.class, () -> store.create(URI_A, WHOLE, "a/b", Map.of()));

        assertThat(e.failure().code()).isEqualTo("STORAGE_REFUSED");
        assertThat(e.failure().retriable()).isFalse();
        assertThat(e).hasMessageContaining("KeyTooLongError: said the server");
        assertThat(server.requests()).hasSize(1);
    }

    private static FailureException unavailable(ThrowingCallable call) {
        return failing(call, "STORAGE_UNAVAILABLE");
    }

    private static FailureException failing(ThrowingCallable call, String code) {
        FailureException e = catchThrowableOfType(FailureException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.failure().code()).isEqualTo(code);
        assertThat(e.failure().retriable()).isTrue();
        return e;
    }

    private ObjectStore within(Duration budget) {
        return new ObjectStore(
                server.settings().within(Duration.ofSeconds(5), Duration.ofSeconds(5), 9, budget));
    }

    private static ObjectStore at(URI uri) {
        return new ObjectStore(
                StorageSettings.at(uri, "key", "secret")
                        .within(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                3,
                                Duration.ofSeconds(20)));
    }

    /** With the checksum of the whole body. */
    private static void checked(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("x-amz-checksum-crc32", crc32(WHOLE));
        exchange.getResponseHeaders().add("x-amz-checksum-type", "FULL_OBJECT");
        FaultyS3.send(exchange, 200, body);
    }

    private static String crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** A byte every now and then, so that no wait for the next one is long. */
    private static void trickle(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            FaultyS3.send(exchange, 200, new byte[1 << 10]);
            return;
        }
        exchange.sendResponseHeaders(200, 1 << 20);
        try {
            while (true) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Resets its first connections in the middle of the body; answers on all after them. */
    private static final class ResettingServer implements AutoCloseable {
        private final ServerSocket socket =
                new ServerSocket(0, 9, InetAddress.getLoopbackAddress());

        ResettingServer(int resets) throws IOException {
            new Thread(() -> serve(resets)).start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }

        private void serve(int resets) {
            for (int n = 0; ; n++) {
                try (Socket connection = socket.accept()) {
                    connection.getInputStream().read(new byte[1 << 14]);
                    OutputStream out = connection.getOutputStream();
                    out.write(
                            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n"
                                    .getBytes(UTF_8));
                    out.write(WHOLE, 0, n < resets ? 4 : 10);
                    out.flush();
                    connection.setSoLinger(n < resets, 0);
                } catch (IOException e) {
                    if (socket.isClosed()) {
                        return;
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
