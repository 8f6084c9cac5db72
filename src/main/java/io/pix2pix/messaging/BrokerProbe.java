package io.pix2pix.messaging;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Asks the brokers whether they are there. Not for use by two threads at once. */
public final class BrokerProbe implements AutoCloseable {
    private final Admin admin;

    public BrokerProbe(Clients clients) {
        this.admin = clients.admin();
    }

    /**
     * @throws IllegalStateException no broker answers in time
     */
    public void check(Duration patience) throws InterruptedException {
        try {
            var unused =
                    admin.describeCluster()
                            .clusterId()
                            .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("no broker answers within " + patience, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("no broker answers: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
