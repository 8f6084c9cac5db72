package io.pix2pix.api;

import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.image.Region;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** How a training went: its curves, its sample sheets, its checkpoints. */
@Path("/api/v1/jobs/{jobId}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "training")
public class TrainingResource {
    private static final Pattern SHEET = Pattern.compile(".*/e(\\d{4,9})\\.png");

    private final Coordination coordination;
    private final Jobs jobs;
    private final ImageViewer viewer;
    private final Models models;

    TrainingResource(Coordination coordination, Jobs jobs, ImageViewer viewer, Models models) {
        this.coordination = coordination;
        this.jobs = jobs;
        this.viewer = viewer;
        this.models = models;
    }

    /** Finished epochs, in order. */
    public record Epochs(@Schema(required = true) List<EpochCompleted> epochs) {}

    /** Sample sheets, the oldest first. */
    public record Samples(@Schema(required = true) List<Sample> samples) {}

    /**
     * @param epoch after which it was drawn
     * @param url where this API shows it
     */
    public record Sample(
            @Schema(required = true) int epoch,
            @Schema(required = true) String uri,
            @Schema(required = true) String url,
            @Schema(required = true) long bytes) {}

    @GET
    @Path("/epochs")
    @Operation(
            operationId = "listEpochs",
            summary = "Losses and metrics of each finished epoch, as far as Kafka still has them")
    public Epochs epochs(@PathParam("jobId") String jobId) {
        jobs.training(jobs.find(jobId));
        return new Epochs(coordination.parts().trainings().epochs(jobId));
    }

    @GET
    @Path("/checkpoints")
    @Operation(operationId = "listCheckpoints", summary = "Checkpoints, the newest first")
    public ModelList checkpoints(@PathParam("jobId") String jobId) {
        return new ModelList(models.of(jobs.training(jobs.find(jobId))), null);
    }

    @GET
    @Path("/samples")
    @Operation(
            operationId = "listSamples",
            summary = "Sample sheets: rows of input, generated picture and target")
    public Samples samples(@PathParam("jobId") String jobId) {
        TrainingJob job = jobs.training(jobs.find(jobId));
        try (Stream<StoredObject> objects = coordination.parts().store().list(samples(job), null)) {
            return new Samples(
                    objects.map(object -> sample(jobId, object))
                            .flatMap(Optional::stream)
                            .toList());
        }
    }

    private static Optional<Sample> sample(String jobId, StoredObject object) {
        Matcher name = SHEET.matcher(object.uri().key());
        if (!name.matches()) {
            return Optional.empty();
        }
        int epoch = Integer.parseInt(name.group(1));
        return Optional.of(
                new Sample(
                        epoch,
                        object.uri().toString(),
                        "/api/v1/jobs/%s/samples/%d".formatted(jobId, epoch),
                        object.size()));
    }

    @GET
    @Path("/samples/{epoch}")
    @Produces("image/png")
    @Operation(operationId = "getSample", summary = "One sample sheet")
    @APIResponse(responseCode = "200", content = @Content(mediaType = "image/png"))
    public Response sample(
            @PathParam("jobId") String jobId,
            @PathParam("epoch") int epoch,
            @Parameter(description = "scaled down to fit, 16 to 4096 pixels") @QueryParam("maxSide")
                    @Nullable Integer maxSide,
            Request request) {
        TrainingJob job = jobs.training(jobs.find(jobId));
        ObjectStore store = coordination.parts().store();
        S3Uri uri = samples(job).resolve("e%04d.png".formatted(epoch));
        return viewer.show(store, uri, Region.WHOLE, maxSide, request);
    }

    private static S3Uri samples(TrainingJob job) {
        return S3Uri.parse(job.output().uri()).resolve("samples/");
    }
}
