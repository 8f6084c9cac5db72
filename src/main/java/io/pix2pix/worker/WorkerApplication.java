package io.pix2pix.worker;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Runs the parts that the configuration names until the process is asked to stop. */
public final class WorkerApplication implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(WorkerApplication.class);

    private final Worker worker;

    public WorkerApplication(Worker worker) {
        this.worker = worker;
    }

    @Override
    public int run(String... args) {
        Thread starting = Thread.currentThread();
        AtomicBoolean started = new AtomicBoolean();
        Signals.handle(
                () -> {
                    haltAfter(worker.drainLimit());
                    Quarkus.asyncExit(0);
                    if (!started.get()) {
                        // It may be waiting for a broker that does not come.
                        starting.interrupt();
                    }
                });
        try {
            worker.start();
            started.set(true);
        } catch (InterruptedException e) {
            LOG.info("Asked to stop while starting");
            worker.drain();
            return 0;
        }
        LOG.infof("%s is ready: %s", worker.name(), worker.roles());
        Quarkus.waitForExit();
        LOG.info("Draining: finishing or handing back what is being worked on");
        worker.drain();
        LOG.info("Drained");
        return 0;
    }

    /**
     * Whatever hangs, the process ends in time, and in order: what it had not finished is not lost,
     * for the broker gives it to another worker.
     */
    private static void haltAfter(Duration limit) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(limit.toMillis());
                            } catch (InterruptedException e) {
                                return;
                            }
                            LOG.warnf("Not drained after %s, leaving what hangs", limit);
                            Runtime.getRuntime().halt(0);
                        },
                        "drain-limit");
        thread.setDaemon(true);
        thread.start();
    }
}
