package io.pix2pix.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore.Written;
import io.pix2pix.testing.AbandonedUpload;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Uploads in parts that go wrong: a server that answers as told, and where it can, a real one. */
@Timeout(120)
class PartedUploadTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final S3Uri URI_A = S3Uri.parse("s3://b/a");
    private static final String TYPE = "application/octet-stream";
    private static final int SIZE = (int) PartedUpload.PART + 1;

    private FaultyS3 server;
    private ObjectStore store;
    private Path file;

    /** How the requests beside those that begin, send and abort are answered. */
    private FaultyS3.Answer completing = (exchange, n) -> completed(exchange);

    private FaultyS3.Answer sending = (exchange, n) -> FaultyS3.send(exchange, 200, new byte[0]);

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        file = Files.write(folder.resolve("large"), new byte[SIZE]);
        server = new FaultyS3();
        server.answers(this::answer);
        store = new ObjectStore(server.settings());
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    private void answer(HttpExchange exchange, int n) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        switch (exchange.getRequestMethod()) {
            case "PUT" -> sending.to(exchange, n);
            case "DELETE" -> exchange.sendResponseHeaders(204, -1);
            case "POST" -> {
                if (query.startsWith("uploads")) {
                    FaultyS3.xml(
                            exchange,
                            200,
                            "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                                    + "</InitiateMultipartUploadResult>");
                } else {
                    completing.to(exchange, n);
                }
            }
            default -> FaultyS3.send(exchange, 200, new byte[SIZE]);
        }
    }

    @Test
    void sendsAPartAgainThatFailed() {
        AtomicBoolean failed = new AtomicBoolean();
        sending =
                (exchange, n) -> {
                    if (!failed.getAndSet(true)) {
                        FaultyS3.error(exchange, 500, "InternalError");
                    } else {
                        FaultyS3.send(exchange, 200, new byte[0]);
                    }
                };

        assertThat(store.create(URI_A, file, TYPE, Map.of())).isEqualTo(Written.CREATED);

        assertThat(server.count("PUT")).isEqualTo(3);
        assertThat(server.count("DELETE")).isZero();
    }

    @Test
    void abortsWhatFails() {
        sending = (exchange, n) -> FaultyS3.error(exchange, 403, "AccessDenied");

        assertThat(failing().failure().code()).isEqualTo("ACCESS_DENIED");

        assertThat(server.requests()).last().isEqualTo("DELETE /b/a?uploadId=u1");
    }

    @Test
    void abortsWhatIsInterrupted() {
        sending =
                (exchange, n) -> {
                    if (!exchange.getRequestURI().getQuery().contains("partNumber=1")) {
                        server.neverAnswer();
                    }
                    FaultyS3.send(exchange, 200, new byte[0]);
                };
        Thread uploading = Thread.currentThread();
        Thread interrupting =
                new Thread(
                        () -> {
                            while (server.count("PUT") < 2) {
                                Thread.onSpinWait();
                            }
                            uploading.interrupt();
                        });
        interrupting.start();

        FailureException e = failing();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(e).hasMessageEndingWith("interrupted");
        assertThat(server.requests()).last().isEqualTo("DELETE /b/a?uploadId=u1");
    }

    @Test
    void abortsWhatAnotherWasFasterWith() {
        completing = (exchange, n) -> FaultyS3.error(exchange, 412, "PreconditionFailed");

        assertThat(store.create(URI_A, file, TYPE, Map.of())).isEqualTo(Written.EXISTS);

        assertThat(server.requests()).last().isEqualTo("DELETE /b/a?uploadId=u1");
    }

    /** S3 says 200 before it knows. */
    @Test
    void triesAgainToCompleteWhatFailedAfterItsStatus() {
        completing =
                (exchange, n) -> {
                    if (server.count("POST") == 2) {
                        FaultyS3.error(exchange, 200, "InternalError");
                    } else {
                        completed(exchange);
                    }
                };

        assertThat(store.create(URI_A, file, TYPE, Map.of())).isEqualTo(Written.CREATED);

        assertThat(server.count("POST")).isEqualTo(3);
    }

    @Test
    void findsWhatWasCompletedWhenTheAnswerWasLost() {
        completing =
                (exchange, n) -> {
                    if (server.count("POST") % 3 == 2) {
                        exchange.close();
                    } else {
                        FaultyS3.error(exchange, 404, "NoSuchUpload");
                    }
                };

        store.upload(file, URI_A, TYPE, Map.of());
        assertThat(store.create(URI_A, file, TYPE, Map.of()))
                .as("perhaps its own, which the caller finds out")
                .isEqualTo(Written.EXISTS);
    }

    @Test
    void mayBeTriedAgainWhenTheServerHasLostIt() throws IOException {
        completing = (exchange, n) -> FaultyS3.error(exchange, 404, "NoSuchUpload");
        Files.write(file, new byte[SIZE + 1]); // as if another, smaller one were there

        FailureException e = failing();

        assertThat(e.failure().code()).isEqualTo("STORAGE_UNAVAILABLE");
        assertThat(e.failure().retriable()).isTrue();
        assertThat(e).hasMessageContaining("lost the parts");
    }

    @Test
    void abortsOldUploadsBelowAPrefixPageByPage() {
        Instant now = Instant.parse("2025-05-05T00:00:00Z");
        server.answers(
                (exchange, n) -> {
                    if (exchange.getRequestMethod().equals("DELETE")) {
                        exchange.sendResponseHeaders(n == 2 ? 404 : 204, -1);
                    } else if (exchange.getRequestURI().getQuery().contains("key-marker=p/old")) {
                        uploads(exchange, false, "p/young", now.minusSeconds(60), "p/last", now);
                    } else {
                        Instant old = now.minus(Duration.ofDays(3));
                        uploads(exchange, true, "other/old", old, "p/old", old);
                    }
                });

        int aborted = store.abortUploads(S3Uri.parse("s3://b/p/"), now.minusSeconds(30));

        assertThat(aborted).isEqualTo(2);
        assertThat(server.requests())
                .filteredOn(request -> request.startsWith("DELETE"))
                .containsExactly(
                        "DELETE /b/p/old?uploadId=u-p%2Fold",
                        "DELETE /b/p/young?uploadId=u-p%2Fyoung");
    }

    @Test
    void abortsWhatAKilledProcessLeftAtARealServer() {
        S3Uri prefix = STACK.prefix();
        try (AbandonedUpload uploads = new AbandonedUpload(STACK.storage())) {
            uploads.leave(prefix.resolve("large"));

            assertThat(STACK.store().abortUploads(prefix, Instant.now().minusSeconds(3600)))
                    .isZero();
            assertThat(uploads.keys(prefix)).containsExactly("large");
            assertThat(STACK.store().abortUploads(prefix, Instant.now().plusSeconds(3600)))
                    .isEqualTo(1);
            assertThat(uploads.keys(prefix)).isEmpty();
        }
    }

    private FailureException failing() {
        FailureException e =
                catchThrowableOfType(
                        FailureException.class, () -> store.upload(file, URI_A, TYPE, Map.of()));
        assertThat(e).isNotNull();
        return e;
    }

    private static void completed(HttpExchange exchange) throws IOException {
        FaultyS3.xml(exchange, 200, "<CompleteMultipartUploadResult/>");
    }

    private static void uploads(
            HttpExchange exchange, boolean more, String a, Instant begunA, String b, Instant begunB)
            throws IOException {
        String upload =
                "<Upload><Key>%1$s</Key><UploadId>u-%1$s</UploadId><Initiated>%2$s</Initiated></Upload>";
        FaultyS3.xml(
                exchange,
                200,
                "<ListMultipartUploadsResult><IsTruncated>%s</IsTruncated>".formatted(more)
                        + "<NextKeyMarker>%1$s</NextKeyMarker><NextUploadIdMarker>u-%1$s</NextUploadIdMarker>"
                                .formatted(b)
                        + upload.formatted(a, begunA)
                        + upload.formatted(b, begunB)
                        + "</ListMultipartUploadsResult>");
    }
}
