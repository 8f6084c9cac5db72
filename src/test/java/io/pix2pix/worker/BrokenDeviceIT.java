package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.local.Ports;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker whose device breaks in the middle of a job, and what its health says. */
@Timeout(300)
class BrokenDeviceIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int IMAGES = 120;

    private final String prefix = STACK.name("broken") + ".";
    private final S3Uri base = STACK.prefix();
    private final ObjectStore store = STACK.store();
    private final KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix);
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = Ports.free();
    private WorkerProcess bad;

    @BeforeEach
    void start() {
        store.create(base.resolve("g.pt"), new byte[] {1}, "application/octet-stream", Map.of());
        for (int i = 0; i < IMAGES; i++) {
            store.create(
                    base.resolve("in/%03d.png".formatted(i)),
                    Pictures.png(16, 16, i),
                    "image/png",
                    Map.of());
        }
        bad =
                worker(
                        "bad",
                        Map.of(
                                "quarkus.http.port", Integer.toString(port),
                                "pix2pix.stand-in.break-after", "8",
                                "pix2pix.stand-in.out-of-memory-above-batch", "4",
                                "pix2pix.health.device-probe-pause", "100ms",
                                "pix2pix.health.interval", "1s",
                                "pix2pix.health.grace", "15s"));
        bad.ready();
    }

    @AfterEach
    void stop() throws IOException {
        bad.close();
        user.close();
    }

    @Test
    void itsTasksGoToOthersItsHealthSaysWhyAndItEndsWhenNobodyRestartsIt() throws Exception {
        await().atMost(Duration.ofSeconds(60)).until(() -> status("ready") == 200);
        assertThat(status("live")).isEqualTo(200);

        user.write("translation-jobs", "job", job());

        await().atMost(Duration.ofSeconds(120)).until(() -> status("live") == 503);
        assertThat(body("live")).contains("DOWN", "BROKEN", "stand-in", "small computation");
        assertThat(status("ready")).isEqualTo(503);
        assertThat(get("/q/metrics").body())
                .contains("pix2pix_device_broken{device=\"stand-in\"} 1.0")
                .contains("pix2pix_device_limited_batches{device=\"stand-in\"} 1.0")
                .containsPattern("pix2pix_device_out_of_memory_total.* [1-9]");
        try (WorkerProcess good = worker("good", Map.of())) {
            good.ready();
            JobStatus end = user.awaitEnd("job");
            assertThat(end.state()).isEqualTo(State.SUCCEEDED);
            assertThat(user.results("job")).hasSize(IMAGES);
            // The one that the device broke on counts: it may be what broke it.
            assertThat(end.attemptsFailed()).isLessThanOrEqualTo(1);
            assertThat(bad.exitCode(Duration.ofSeconds(120))).isEqualTo(71);
        }
    }

    private WorkerProcess worker(String name, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("pix2pix.kafka.prefix", prefix);
        settings.put("pix2pix.name", name);
        settings.put("pix2pix.device", "stand-in");
        settings.put("pix2pix.stand-in.per-image", "20ms");
        settings.put("pix2pix.kafka.lock", "15s");
        settings.put(
                "pix2pix.tracking.directory",
                System.getProperty("java.io.tmpdir") + "/" + prefix + name);
        return WorkerProcess.start(STACK, settings);
    }

    private int status(String kind) {
        return get("/q/health/" + kind).statusCode();
    }

    private String body(String kind) {
        return get("/q/health/" + kind).body();
    }

    private HttpResponse<String> get(String path) {
        URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
        try {
            return http.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(bad.log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private String job() {
        return """
        {"jobId": "job", "model": {"uri": "%s"}, "input": {"uri": "%s"}, "output": {"uri": "%s"},
         "size": {"width": 16, "height": 16}, "shardSize": 10}
        """
                .formatted(base.resolve("g.pt"), base.resolve("in/"), base.resolve("out/"));
    }
}
