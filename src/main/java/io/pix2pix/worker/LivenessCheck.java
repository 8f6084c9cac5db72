package io.pix2pix.worker;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Whether a new process would help: asked by whoever may start one. */
@Liveness
@ApplicationScoped
class LivenessCheck implements HealthCheck {
    private final Worker worker;

    LivenessCheck(Worker worker) {
        this.worker = worker;
    }

    @Override
    public HealthCheckResponse call() {
        return worker.health().live().response("alive");
    }
}
