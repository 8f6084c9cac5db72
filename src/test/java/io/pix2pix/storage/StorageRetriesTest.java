package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore.Written;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that no healthy server shows, from an HTTP server that shows them on request. */
class StorageRetriesTest {
    private static final S3Uri URI_A = S3Uri.parse("s3://b/a");
    private static final byte[] WHOLE = "0123456789".getBytes(UTF_8);

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private ObjectStore store;
    private Answer answer = (exchange, n) -> error(exchange, 500, "Unprepared");

    private interface Answer {
        /**
         * @param n how many requests came before
         */
        void to(HttpExchange exchange, int n) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    int n = requests.size();
                    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    exchange.getRequestBody().readAllBytes();
                    try (exchange) {
                        answer.to(exchange, n);
                    }
                });
        server.start();
        store =
                new ObjectStore(
                        new StorageSettings(
                                Optional.of(
                                        URI.create(
                                                "http://127.0.0.1:"
                                                        + server.getAddress().getPort())),
                                "us-east-1",
                                Optional.empty(),
                                Optional.of("key"),
                                Optional.of("secret"),
                                List.of("s3://"),
                                Duration.ofSeconds(1),
                                Duration.ofMillis(300),
                                Duration.ofSeconds(5),
                                3,
                                4,
                                true));
    }

    @AfterEach
    void stop() {
        store.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void asksAgainForABodyThatBrokeOff(@TempDir Path folder) {
        answer = (exchange, n) -> send(exchange, 200, WHOLE, n % 2 == 0 ? 4 : WHOLE.length);

        assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);
        store.download(URI_A, folder.resolve("a"));

        assertThat(folder.resolve("a")).hasBinaryContent(WHOLE);
        assertThat(requests).hasSize(4);
    }

    @Test
    void givesUpOnABodyThatAlwaysBreaksOff(@TempDir Path folder) {
        answer = (exchange, n) -> send(exchange, 200, WHOLE, 4);

        unavailable(() -> store.read(URI_A, 100));
        unavailable(() -> store.download(URI_A, folder.resolve("a")));

        assertThat(requests).hasSize(6);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void repeatsWhatTheServerPutsOff() {
        answer = (exchange, n) -> error(exchange, n == 0 ? 503 : 200, "SlowDown");

        assertThat(store.create(URI_A, WHOLE, "a/b", Map.of())).isEqualTo(Written.CREATED);

        assertThat(requests).hasSize(2);
    }

    @Test
    void repeatsAWriteThatMetAnother() {
        answer = (exchange, n) -> error(exchange, n == 0 ? 409 : 412, "ConditionalRequestConflict");

        assertThat(store.create(URI_A, WHOLE, "a/b", Map.of())).isEqualTo(Written.EXISTS);

        assertThat(requests).hasSize(2);
    }

    @Test
    void doesNotWaitForEverForAnAnswer() {
        answer = (exchange, n) -> sleepUntilStopped();

        FailureException e = unavailable(() -> store.head(URI_A));

        assertThat(e).hasMessageContaining("s3://b/a").hasMessageContaining("does not answer");
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
        answer = (exchange, n) -> error(exchange, 400, "KeyTooLongError");

        FailureException e =
                catchThrowableOfType(
                        FailureException.class, () -> store.create(URI_A, WHOLE, "a/b", Map.of()));

        assertThat(e.failure().code()).isEqualTo("STORAGE_REFUSED");
        assertThat(e).hasMessageContaining("KeyTooLongError: said the server");
    }

    @Test
    void abortsAnUploadInPartsThatFails(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("large"), new byte[(int) PartedUpload.PART + 1]);
        answer =
                (exchange, n) -> {
                    String query = exchange.getRequestURI().getQuery();
                    if (query.startsWith("uploads")) {
                        xml(
                                exchange,
                                200,
                                "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                                        + "</InitiateMultipartUploadResult>");
                    } else if (exchange.getRequestMethod().equals("PUT")) {
                        error(exchange, 403, "AccessDenied");
                    } else {
                        exchange.sendResponseHeaders(204, -1);
                    }
                };

        FailureException e =
                catchThrowableOfType(
                        FailureException.class, () -> store.upload(file, URI_A, "a/b", Map.of()));

        assertThat(e.failure().code()).isEqualTo("ACCESS_DENIED");
        assertThat(requests).last().isEqualTo("DELETE /b/a?uploadId=u1");
    }

    private static FailureException unavailable(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        FailureException e = catchThrowableOfType(FailureException.class, call);
        assertThat(e.failure().code()).isEqualTo("STORAGE_UNAVAILABLE");
        assertThat(e.failure().retriable()).isTrue();
        return e;
    }

    private static void send(HttpExchange exchange, int status, byte[] body, int sent)
            throws IOException {
        exchange.getResponseHeaders().add("ETag", "\"e1\"");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body, 0, sent);
        exchange.getResponseBody().flush();
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        xml(
                exchange,
                status,
                "<Error><Code>%s</Code><Message>said the server</Message></Error>".formatted(code));
    }

    private static void xml(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        send(exchange, status, bytes, bytes.length);
    }

    private static void sleepUntilStopped() {
        try {
            new CountDownLatch(1).await(); // no answer until the server is stopped
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
