package io.pix2pix.local;

import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.StorageConfig;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Waits until a server that was just started does its work, or says how it ended. */
final class Readiness {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int POLL_MILLIS = 20;

    private Readiness() {}

    /** Until the broker answers a question about its cluster. */
    static void awaitKafka(ServerProcess server, ProcessHandle process, int port) {
        awaitPort(server, process, port);
        int patience = (int) PATIENCE.toMillis();
        Map<String, Object> settings =
                Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        "127.0.0.1:" + port,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        patience);
        try (Admin admin = Admin.create(settings)) {
            admin.describeCluster().nodes().get(patience, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw LocalFailures.interrupted("starting " + server.name(), e);
        } catch (ExecutionException | TimeoutException e) {
            throw server.died("does not answer: " + e.getMessage());
        }
    }

    /** Until the S3 server has the bucket. */
    static void awaitS3(
            ServerProcess server, ProcessHandle process, int port, StorageConfig config) {
        awaitPort(server, process, port);
        try (ObjectStore store = new ObjectStore(config)) {
            store.createBucket(LocalStack.BUCKET);
        }
    }

    private static void awaitPort(ServerProcess server, ProcessHandle process, int port) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Ports.answers(port)) {
            if (!process.isAlive()) {
                throw server.died("ended while starting");
            }
            if (System.nanoTime() > deadline) {
                throw server.died("does not listen after " + PATIENCE.toSeconds() + " s");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw LocalFailures.interrupted("starting " + server.name(), e);
            }
        }
    }
}
