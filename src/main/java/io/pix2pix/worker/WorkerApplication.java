package io.pix2pix.worker;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import org.jboss.logging.Logger;

/** Runs the parts that the configuration names until the process is asked to stop. */
public final class WorkerApplication implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(WorkerApplication.class);

    private final Worker worker;

    public WorkerApplication(Worker worker) {
        this.worker = worker;
    }

    @Override
    public int run(String... args) throws InterruptedException {
        Signals.handle(() -> Quarkus.asyncExit(0));
        worker.start();
        LOG.infof("%s is ready: %s", worker.name(), worker.roles());
        Quarkus.waitForExit();
        LOG.info("Draining: finishing or handing back what is being worked on");
        worker.drain();
        LOG.info("Drained");
        return 0;
    }
}
