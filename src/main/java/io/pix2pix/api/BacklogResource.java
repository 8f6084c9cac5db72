package io.pix2pix.api;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.tracking.TrackingConfig;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * How much work there is for devices, one number a kind: what an autoscaler sees (KEDA's {@code
 * metrics-api} scaler with {@code valueLocation: value}). Paused jobs count nothing.
 */
@Path("/api/v1/backlog")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "backlog")
public class BacklogResource {
    private final Coordination coordination;
    private final TrackingConfig tracking;

    BacklogResource(Coordination coordination, TrackingConfig tracking) {
        this.coordination = coordination;
        this.tracking = tracking;
    }

    /** One number. */
    public record Backlog(@Schema(required = true) long value) {}

    @GET
    @Path("/translation")
    @Operation(
            operationId = "getTranslationBacklog",
            summary =
                    "Tasks that are pending or running: of each running job those left, at most its window")
    public Backlog translation() {
        return new Backlog(
                running(Kind.TRANSLATION)
                        .mapToLong(
                                job -> Math.min(job.tasks() - job.tasksDone(), tracking.window()))
                        .sum());
    }

    @GET
    @Path("/training")
    @Operation(
            operationId = "getTrainingBacklog",
            summary = "Training jobs that could use a device")
    public Backlog training() {
        return new Backlog(running(Kind.TRAINING).count());
    }

    private Stream<JobStatus> running(Kind kind) {
        Coordination.Parts parts = coordination.parts();
        if (!parts.tracking().getAsBoolean()) {
            throw ProblemException.unavailable(
                    "RESTORING",
                    "The tracker is restoring its state: no figure can be trusted yet");
        }
        return parts.statuses().statuses().stream()
                .filter(status -> status.kind() == kind && status.state() == State.RUNNING);
    }
}
