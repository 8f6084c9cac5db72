package io.pix2pix.worker;

import io.pix2pix.api.Access;
import io.pix2pix.api.Coordination;
import io.pix2pix.engine.DeviceHealth;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Runs the parts that the configuration names until the process is asked to stop. */
public final class WorkerApplication implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(WorkerApplication.class);

    /** The exit code of a process whose device is broken, so that whoever restarts it can tell. */
    static final int DEVICE_BROKEN = 71;

    private static final Duration LAST_CHANCE = Duration.ofSeconds(30);

    private final Worker worker;
    private final Coordination coordination;
    private final Access access;
    private final HealthConfig health;
    private volatile int exitCode;

    public WorkerApplication(
            Worker worker, Coordination coordination, Access access, HealthConfig health) {
        this.worker = worker;
        this.coordination = coordination;
        this.access = access;
        this.health = health;
    }

    @Override
    public int run(String... args) {
        if (worker.roles().contains(Role.COORDINATOR)) {
            access.requireSafe();
        }
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
        var unused = worker.broken().thenAccept(this::endLater);
        try {
            worker.start();
            worker.coordination().ifPresentOrElse(coordination::open, coordination::leaveToOthers);
            started.set(true);
        } catch (InterruptedException e) {
            LOG.info("Asked to stop while starting");
            worker.drain();
            return 0;
        }
        LOG.infof("%s is ready: %s", worker.name(), worker.roles());
        Quarkus.waitForExit();
        LOG.info("Draining: finishing or handing back what is being worked on");
        coordination.close();
        worker.drain();
        LOG.info("Drained");
        return exitCode;
    }

    /** Whoever watches the liveness should end the process; where nobody does, it ends itself. */
    private void endLater(DeviceHealth device) {
        Thread thread =
                new Thread(
                        () -> {
                            pause(health.grace());
                            LOG.fatalf(
                                    "%s is broken (%s), and nobody has restarted this process for"
                                            + " %s: it ends",
                                    device.device(), device.reason().orElse(""), health.grace());
                            exitCode = DEVICE_BROKEN;
                            Quarkus.asyncExit(DEVICE_BROKEN);
                            pause(LAST_CHANCE);
                            Runtime.getRuntime().halt(DEVICE_BROKEN);
                        },
                        "end-of-a-broken-device");
        thread.setDaemon(true);
        thread.start();
    }

    private static void pause(Duration time) {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
