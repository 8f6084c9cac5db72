package io.pix2pix.worker;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Whether this process can do its work now. */
@Readiness
@ApplicationScoped
class ReadinessCheck implements HealthCheck {
    private final Worker worker;

    ReadinessCheck(Worker worker) {
        this.worker = worker;
    }

    @Override
    public HealthCheckResponse call() {
        return worker.health().ready().response("ready");
    }
}
