package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Workers asked to stop while something hangs: they end in time all the same, and in order. */
@Timeout(180)
class DrainIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    /** What the settings below allow, and a machine that is busy. */
    private static final Duration IN_TIME = Duration.ofSeconds(20);

    private final String prefix = STACK.name("drain") + ".";
    private final S3Uri base = STACK.prefix();
    private final KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix);

    @AfterEach
    void close() {
        user.close();
    }

    @Test
    void whilePlanningWithAStorageThatDoesNotAnswer() throws Exception {
        // Connections are taken by the system, and nobody ever reads from them.
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String endpoint = "http://127.0.0.1:" + hanging.getLocalPort();
            try (WorkerProcess worker =
                    start("pix2pix.storage.endpoint", endpoint, "pix2pix.roles", "coordinator")) {
                worker.ready();
                user.write("translation-jobs", "job", job());
                await().atMost(Duration.ofSeconds(60)).until(() -> user.status("job") != null);
                assertThat(worker.terminate(IN_TIME)).describedAs(worker.log()).isZero();
            }
        }
    }

    @Test
    void whileADeviceComputesForMinutesAndASecondSignalAtOnce(@TempDir Path folder)
            throws Exception {
        Path model = folder.resolve("g.pt");
        Models.small(model, 3, 1);
        STACK.store().upload(model, base.resolve("g.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < 20; i++) {
            STACK.store()
                    .create(
                            base.resolve("in/%02d.png".formatted(i)),
                            Pictures.png(16, 16, i),
                            "image/png",
                            Map.of());
        }
        try (WorkerProcess first = start("pix2pix.stand-in.per-image", "60s", "pix2pix.name", "a");
                WorkerProcess second =
                        start("pix2pix.stand-in.per-image", "60s", "pix2pix.name", "b")) {
            first.ready();
            second.ready();
            user.write("translation-jobs", "job", job());
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> user.status("job"), s -> s != null && s.workers().size() == 4);
            assertThat(first.terminate(IN_TIME)).describedAs(first.log()).isZero();
            second.ask();
            second.awaitLog("Draining");
            assertThat(second.terminate(Duration.ofSeconds(5))).isEqualTo(130);
        }
    }

    @Test
    void whileWaitingForABrokerThatIsNotThere() throws Exception {
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String broker = "127.0.0.1:" + hanging.getLocalPort();
            try (WorkerProcess worker = start("pix2pix.kafka.bootstrap-servers", broker)) {
                worker.awaitLog("started in");
                assertThat(worker.terminate(IN_TIME)).describedAs(worker.log()).isZero();
            }
        }
    }

    private WorkerProcess start(String... settings) throws IOException {
        Map<String, String> all =
                new HashMap<>(
                        Map.of(
                                "pix2pix.kafka.prefix", prefix,
                                "pix2pix.device", "stand-in",
                                "pix2pix.translation.batch-size", "5",
                                "pix2pix.tracking.directory",
                                        System.getProperty("java.io.tmpdir")
                                                + "/"
                                                + STACK.name("drain"),
                                "pix2pix.task.drain", "1s"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return WorkerProcess.start(STACK, all);
    }

    private String job() {
        return """
        {"jobId": "job", "model": {"uri": "%s"}, "input": {"uri": "%s"}, "output": {"uri": "%s"},
         "size": {"width": 16, "height": 16}, "shardSize": 5}
        """
                .formatted(base.resolve("g.pt"), base.resolve("in/"), base.resolve("out/"));
    }
}
