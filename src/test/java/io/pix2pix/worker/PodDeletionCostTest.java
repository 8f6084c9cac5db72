package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.pix2pix.testing.Certificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against an HTTPS server that stands for Kubernetes' API. */
@SuppressWarnings("try") // it works on its own while it is open
class PodDeletionCostTest {
    private static final PodDeletionCost.Pace FAST =
            new PodDeletionCost.Pace(
                    Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(10));

    private static final PatternFormatter MESSAGE = new PatternFormatter("%s");

    @TempDir Path folder;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final Handler log = new Warnings();
    private volatile boolean busy;
    private volatile int answer = 200;
    private Certificate certificate;
    private HttpsServer server;

    @BeforeEach
    void startServer() throws IOException {
        certificate = Certificate.create(folder, "kubernetes", "EC");
        trust(certificate);
        token("first");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.serving()));
        server.createContext("/", this::take);
        server.start();
        Logger.getLogger(PodDeletionCost.class.getName()).addHandler(log);
    }

    @AfterEach
    void stopServer() {
        Logger.getLogger(PodDeletionCost.class.getName()).removeHandler(log);
        server.stop(0);
    }

    @Test
    void aPodAtWorkCostsMoreThanAnIdleOne() throws IOException {
        try (PodDeletionCost cost = start().orElseThrow()) {
            await().untilAsserted(() -> assertThat(requests).hasSize(1));
            busy = true;
            await().untilAsserted(() -> assertThat(requests).hasSize(2));
            token("second");
            busy = false;
            await().untilAsserted(() -> assertThat(requests).hasSize(3));
            awaitLooks(10);
            assertThat(requests)
                    .containsExactly(
                            request("first", 0), request("first", 1), request("second", 0));
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void whatFailsIsSaidOnceAndTriedAgain() {
        answer = 403;
        busy = true;
        try (PodDeletionCost cost = start().orElseThrow()) {
            await().untilAsserted(() -> assertThat(requests).hasSizeGreaterThan(3));
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .contains("/namespaces/pictures/pods/translator-1", "403")
                    .doesNotContain("first");
            answer = 200;
            int refused = requests.size();
            await().untilAsserted(() -> assertThat(requests.size()).isGreaterThan(refused));
            awaitLooks(10);
            int taken = requests.size();
            awaitLooks(10);
            assertThat(requests).hasSize(taken);
        }
    }

    @Test
    void aServerOfAnotherAuthorityGetsNoToken() throws IOException {
        trust(Certificate.create(folder, "stranger", "EC"));
        try (PodDeletionCost cost = start().orElseThrow()) {
            await().untilAsserted(() -> assertThat(warnings).hasSize(1));
            awaitLooks(10);
            assertThat(requests).isEmpty();
            trust(certificate);
            await().untilAsserted(() -> assertThat(requests).hasSize(1));
        }
    }

    @Test
    void elsewhereNothingIsTold() throws IOException {
        assertThat(PodDeletionCost.start(Map.of(), folder, () -> true, FAST)).isEmpty();
        Files.delete(folder.resolve("token"));
        assertThat(start()).isEmpty();
    }

    private Optional<PodDeletionCost> start() {
        Map<String, String> environment =
                Map.of(
                        "POD_NAME",
                        "translator-1",
                        "POD_NAMESPACE",
                        "pictures",
                        "KUBERNETES_SERVICE_HOST",
                        "127.0.0.1",
                        "KUBERNETES_SERVICE_PORT",
                        Integer.toString(server.getAddress().getPort()));
        return PodDeletionCost.start(
                environment,
                folder,
                () -> {
                    looks.incrementAndGet();
                    return busy;
                },
                FAST);
    }

    private void awaitLooks(int more) {
        int before = looks.get();
        await().until(() -> looks.get() >= before + more);
    }

    private void token(String token) throws IOException {
        // At once, as Kubernetes does it: nobody may read half of it.
        Path written = Files.writeString(folder.resolve("new-token"), token + "\n");
        Files.move(written, folder.resolve("token"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void trust(Certificate authority) throws IOException {
        Path written = Files.write(folder.resolve("new-ca"), Files.readAllBytes(authority.chain()));
        Files.move(written, folder.resolve("ca.crt"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(
                String.join(
                        " ",
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders().getFirst("Authorization"),
                        exchange.getRequestHeaders().getFirst("Content-Type"),
                        body));
        exchange.sendResponseHeaders(answer, -1);
        exchange.close();
    }

    private static String request(String token, int cost) {
        return "PATCH /api/v1/namespaces/pictures/pods/translator-1 Bearer %s application/merge-patch+json {\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"%d\"}}}"
                .formatted(token, cost);
    }

    private final class Warnings extends Handler {
        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.add(MESSAGE.format(record));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
