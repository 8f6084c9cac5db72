package io.pix2pix.worker;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells Kubernetes which workers may go first when there are fewer to be: those at work cost more.
 *
 * <p>Sets the annotation {@code controller.kubernetes.io/pod-deletion-cost} of this process' own
 * pod to 1 while it is at a task and to 0 when it has been idle for a while; a ReplicaSet that
 * shrinks takes the cheapest pods. Only a wish: where it fails, that is logged once, tried again
 * later, and a worker that is taken away at work hands its task back as ever. Works on a thread of
 * its own.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/">Pod deletion
 *     cost</a>
 */
final class PodDeletionCost implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodDeletionCost.class);

    /** Where Kubernetes puts a service account's token and its own certificate authority. */
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int NOT_SET = -1;

    /**
     * How often something is done.
     *
     * @param look how often it is looked whether there is work
     * @param rest how long a worker is idle before it is cheap: each change is a write in
     *     Kubernetes' own store
     * @param retry the wait after a failure
     */
    record Pace(Duration look, Duration rest, Duration retry) {
        static final Pace USUAL =
                new Pace(Duration.ofSeconds(1), Duration.ofSeconds(15), Duration.ofMinutes(1));
    }

    private final URI pod;
    private final Path account;
    private final BooleanSupplier busy;
    private final Pace pace;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread made = new Thread(task, "pod-deletion-cost");
                        made.setDaemon(true);
                        return made;
                    });

    private @Nullable HttpClient client;
    private int told = NOT_SET;
    private long busyNanos;
    private long failedNanos;
    private boolean failing;

    private PodDeletionCost(URI pod, Path account, BooleanSupplier busy, Pace pace) {
        this.pod = pod;
        this.account = account;
        this.busy = busy;
        this.pace = pace;
        this.busyNanos = System.nanoTime() - pace.rest().toNanos();
    }

    /** Starts to tell; empty where this is no pod that may. */
    static Optional<PodDeletionCost> start(BooleanSupplier busy) {
        return start(System.getenv(), ACCOUNT, busy, Pace.USUAL);
    }

    /**
     * @param environment with the pod's name and where Kubernetes' API is
     * @param account folder of the service account's token and authority
     */
    static Optional<PodDeletionCost> start(
            Map<String, String> environment, Path account, BooleanSupplier busy, Pace pace) {
        String name = environment.get("POD_NAME");
        String namespace = environment.get("POD_NAMESPACE");
        String host = environment.get("KUBERNETES_SERVICE_HOST");
        if (name == null || namespace == null || host == null) {
            return Optional.empty();
        }
        if (!Files.isReadable(account.resolve("token"))) {
            return Optional.empty();
        }
        URI pod =
                URI.create(
                        "https://%s:%s/api/v1/namespaces/%s/pods/%s"
                                .formatted(
                                        host.contains(":") ? "[" + host + "]" : host,
                                        environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443"),
                                        namespace,
                                        name));
        PodDeletionCost cost = new PodDeletionCost(pod, account, busy, pace);
        var unused =
                cost.thread.scheduleWithFixedDelay(
                        cost::look, 0, pace.look().toNanos(), TimeUnit.NANOSECONDS);
        return Optional.of(cost);
    }

    private void look() {
        long now = System.nanoTime();
        boolean atWork = busy.getAsBoolean();
        if (atWork) {
            busyNanos = now;
        }
        boolean rested = now - busyNanos >= pace.rest().toNanos();
        int cost = atWork || !rested ? 1 : 0;
        boolean waiting = failing && now - failedNanos < pace.retry().toNanos();
        if (cost == told || waiting) {
            return;
        }
        try {
            set(cost);
            told = cost;
            failing = false;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void failed(Exception e) {
        if (failing) {
            LOG.debugf(e, "Failed again to set the deletion cost of %s", pod);
        } else {
            LOG.warnf(
                    "Failed to set the deletion cost of %s, so that a busy worker may be taken away"
                            + " before an idle one: %s",
                    pod, e);
        }
        client = null; // the authority may be another by then
        failing = true;
        failedNanos = System.nanoTime();
    }

    private void set(int cost) throws IOException, InterruptedException, GeneralSecurityException {
        if (client == null) {
            client =
                    HttpClient.newBuilder()
                            .proxy(HttpClient.Builder.NO_PROXY)
                            .connectTimeout(PATIENCE)
                            .sslContext(trusting(account.resolve("ca.crt")))
                            .build();
        }
        // Read each time: Kubernetes renews it every hour.
        String token = Files.readString(account.resolve("token")).strip();
        HttpRequest request =
                HttpRequest.newBuilder(pod)
                        .timeout(PATIENCE)
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/merge-patch+json")
                        .method("PATCH", HttpRequest.BodyPublishers.ofString(patch(cost)))
                        .build();
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status != 200) {
            throw new IOException("expected status 200, found " + status);
        }
    }

    private static String patch(int cost) {
        return "{\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"%d\"}}}"
                .formatted(cost);
    }

    /** What trusts these authorities and no other. */
    private static SSLContext trusting(Path authorities)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authorities)) {
            int number = 0;
            for (Certificate one :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, one);
            }
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
