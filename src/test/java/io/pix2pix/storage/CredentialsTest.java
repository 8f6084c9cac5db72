package io.pix2pix.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import io.pix2pix.failure.FailureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Credentials from the SDK's default chain, which finds a container's service here: one HTTP server
 * that gives tokens, and another that takes only those that have not expired.
 */
@Timeout(60)
class CredentialsTest {
    private static final S3Uri URI_A = S3Uri.parse("s3://b/a");
    private static final byte[] WHOLE = "0123456789".getBytes(UTF_8);
    private static final String SERVICE = "aws.containerCredentialsFullUri";

    /** The chain must not find something of the machine's before. */
    private static final Map<String, String> NO_PROFILE =
            Map.of(
                    "aws.sharedCredentialsFile", "/nowhere/credentials",
                    "aws.configFile", "/nowhere/config");

    private final Set<String> expired = ConcurrentHashMap.newKeySet();
    private volatile Duration validity = Duration.ofHours(6);
    private FaultyS3 service;
    private FaultyS3 server;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(
                System.getenv("AWS_ACCESS_KEY_ID") == null
                        && System.getenv("AWS_WEB_IDENTITY_TOKEN_FILE") == null,
                "the environment gives credentials, which the chain finds first");
        service = new FaultyS3();
        service.answers((exchange, n) -> give(exchange, "token-" + n));
        server = new FaultyS3();
        server.answers((exchange, n) -> answer(exchange));
        System.setProperty(SERVICE, service.uri() + "/credentials");
        NO_PROFILE.forEach(System::setProperty);
    }

    @AfterEach
    void stop() {
        System.clearProperty(SERVICE);
        NO_PROFILE.keySet().forEach(System::clearProperty);
        if (server != null) {
            server.close();
            service.close();
        }
    }

    @Test
    void asksForNewOnesBeforeTheOldOnesExpire() {
        validity = Duration.ofSeconds(40); // less than the minute that the SDK keeps in hand
        try (ObjectStore store = store()) {
            store.read(URI_A, 100);
            expired.add("token-0");
            validity = Duration.ofHours(6);

            store.read(URI_A, 100);
            store.read(URI_A, 100);
        }
        assertThat(service.requests()).hasSize(2);
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void asksForNewOnesWhenTheServerFindsTheOldOnesExpired() {
        try (ObjectStore store = store()) {
            store.read(URI_A, 100);
            expired.add("token-0");

            assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);
            assertThat(store.head(URI_A)).isPresent();
        }
        assertThat(service.requests()).hasSize(2);
        assertThat(server.requests()).hasSize(4);
    }

    /** Which the answer to a HEAD does not say. */
    @Test
    void asksForNewOnesWhenALookFindsTheOldOnesExpired() {
        try (ObjectStore store = store()) {
            store.read(URI_A, 100);
            expired.add("token-0");

            assertThat(store.head(URI_A)).isPresent();
        }
        assertThat(service.requests()).hasSize(2);
    }

    @Test
    void asksOnceForAllThatFindTheirsExpired() {
        try (ObjectStore store = store()) {
            store.read(URI_A, 100);
            expired.add("token-0");

            List<byte[]> read =
                    IntStream.range(0, 64)
                            .parallel()
                            .mapToObj(i -> store.read(URI_A, 100).bytes())
                            .toList();

            assertThat(read).allSatisfy(bytes -> assertThat(bytes).isEqualTo(WHOLE));
        }
        assertThat(service.requests()).hasSize(2);
    }

    @Test
    void goesOnWithAnUploadInPartsInTheMiddle(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("large"), new byte[(int) PartedUpload.PART * 2]);
        server.answers(
                (exchange, n) -> {
                    String request = exchange.getRequestMethod() + exchange.getRequestURI();
                    if (request.contains("partNumber=2")) {
                        expired.add("token-0");
                    }
                    String body =
                            request.endsWith("uploads")
                                    ? "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                                            + "</InitiateMultipartUploadResult>"
                                    : "<CompleteMultipartUploadResult/>";
                    unlessExpired(exchange, () -> FaultyS3.xml(exchange, 200, body));
                });
        try (ObjectStore store = store()) {
            store.upload(file, URI_A, "a/b", Map.of());
        }
        assertThat(server.count("PUT")).isGreaterThan(2);
        assertThat(server.count("POST")).as("one upload, begun and completed").isEqualTo(2);
        assertThat(server.count("DELETE")).isZero();
    }

    @Test
    void saysSoWhenThereAreNoNewOnes() {
        service.answers((exchange, n) -> give(exchange, "token-0"));
        expired.add("token-0");
        try (ObjectStore store = store()) {
            FailureException e =
                    catchThrowableOfType(FailureException.class, () -> store.read(URI_A, 100));

            assertThat(e.failure().code()).isEqualTo("CREDENTIALS_EXPIRED");
            assertThat(e.failure().retriable()).isTrue();
            assertThat(e)
                    .hasMessageContaining("s3://b/a")
                    .hasMessageContaining("400 ExpiredToken")
                    .hasMessageContaining("3 tries");
        }
    }

    @Test
    void mayFindThemLater() {
        service.answers((exchange, n) -> FaultyS3.send(exchange, 404, new byte[0]));
        try (ObjectStore store = store()) {
            FailureException e =
                    catchThrowableOfType(FailureException.class, () -> store.read(URI_A, 100));

            assertThat(e.failure().code()).isEqualTo("NO_CREDENTIALS");
            assertThat(e.failure().retriable()).isTrue();
            assertThat(e).hasMessageContaining("pix2pix.storage.access-key");

            service.answers((exchange, n) -> give(exchange, "token-" + n));
            assertThat(store.read(URI_A, 100).bytes()).isEqualTo(WHOLE);
        }
    }

    private ObjectStore store() {
        return new ObjectStore(server.settings().withDefaultCredentials());
    }

    private void give(HttpExchange exchange, String token) throws IOException {
        FaultyS3.xml(
                exchange,
                200,
                """
                {"AccessKeyId": "key", "SecretAccessKey": "secret", "Token": "%s", "Expiration": "%s"}
                """
                        .formatted(token, Instant.now().plus(validity)));
    }

    private interface Reply {
        void send() throws IOException;
    }

    private void answer(HttpExchange exchange) throws IOException {
        unlessExpired(exchange, () -> FaultyS3.send(exchange, 200, WHOLE));
    }

    private void unlessExpired(HttpExchange exchange, Reply reply) throws IOException {
        String token = exchange.getRequestHeaders().getFirst("x-amz-security-token");
        if (expired.contains(token)) {
            FaultyS3.error(exchange, 400, "ExpiredToken");
        } else {
            reply.send();
        }
    }
}
