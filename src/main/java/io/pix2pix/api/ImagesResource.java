package io.pix2pix.api;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.image.Region;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.translation.JobResults;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** A translation job's images before and after: only those that its manifest and results name. */
@Path("/api/v1/jobs/{jobId}/images")
@Tag(name = "translation")
public class ImagesResource {
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;

    private final Coordination coordination;
    private final Jobs jobs;
    private final ImageViewer viewer;

    ImagesResource(Coordination coordination, Jobs jobs, ImageViewer viewer) {
        this.coordination = coordination;
        this.jobs = jobs;
        this.viewer = viewer;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "listImages", summary = "Images with what became of them")
    public ImageList list(
            @PathParam("jobId") String jobId,
            @Parameter(description = "of the first one, from 0") @QueryParam("offset")
                    @Nullable Long offset,
            @Parameter(description = "images a page, 1 to 500; default 50") @QueryParam("limit")
                    @Nullable Integer limit) {
        int size = Query.limit(limit, PAGE, LARGEST_PAGE);
        long first = offset == null ? 0 : offset;
        if (first < 0) {
            throw ProblemException.badRequest("offset must not be negative, found " + first);
        }
        JobDirectory.Entry entry = jobs.find(jobId);
        TranslationJob job = jobs.translation(entry);
        long total = entry.status() == null ? 0 : entry.status().images().total();
        JobResults files = new JobResults(coordination.parts().store(), job);
        List<ImageList.Image> images = new ArrayList<>();
        long end = Math.min(total, first + size);
        // Every shard is full but the last.
        for (long at = first; at < end; at = (at / job.shardSize() + 1) * job.shardSize()) {
            int shard = (int) (at / job.shardSize());
            add(job, files, shard, at, end, images);
        }
        return new ImageList(total, first, images);
    }

    private static void add(
            TranslationJob job,
            JobResults files,
            int shard,
            long from,
            long end,
            List<ImageList.Image> images) {
        List<ManifestEntry> inputs = files.inputs(shard).orElse(List.of());
        Optional<List<TranslationResult>> results = files.shard(shard);
        long first = (long) shard * job.shardSize();
        for (int i = (int) (from - first); i < inputs.size() && first + i < end; i++) {
            ManifestEntry input = inputs.get(i);
            TranslationResult result = results.isPresent() ? results.get().get(i) : null;
            String url = "/api/v1/jobs/%s/images/%d/%d/".formatted(job.jobId(), shard, i);
            String output = result == null ? null : result.output();
            images.add(
                    new ImageList.Image(
                            first + i,
                            shard,
                            i,
                            result == null
                                    ? ImageList.State.pending
                                    : ImageList.State.valueOf(
                                            result.outcome().name().toLowerCase(Locale.ROOT)),
                            input.uri(),
                            url + "input",
                            output,
                            output == null ? null : url + "output",
                            result == null ? null : result.failure()));
        }
    }

    @GET
    @Path("/{shard}/{index}/input")
    @Operation(
            operationId = "getInputImage",
            summary = "The picture, or the half of it, that the generator is given")
    @APIResponse(responseCode = "200", content = @Content(mediaType = "image/*"))
    public Response input(
            @PathParam("jobId") String jobId,
            @PathParam("shard") int shard,
            @PathParam("index") int index,
            @Parameter(description = "scaled down to fit, 16 to 4096 pixels") @QueryParam("maxSide")
                    @Nullable Integer maxSide,
            Request request) {
        TranslationJob job = jobs.translation(jobs.find(jobId));
        List<ManifestEntry> inputs = files(job).inputs(shard).orElse(List.of());
        S3Uri uri = S3Uri.parse(at(inputs, shard, index, "planned").uri());
        Region region = Region.valueOf(job.input().side().name());
        return viewer.show(coordination.parts().store(), uri, region, maxSide, request);
    }

    @GET
    @Path("/{shard}/{index}/output")
    @Operation(operationId = "getOutputImage", summary = "What the generator made of it")
    @APIResponse(responseCode = "200", content = @Content(mediaType = "image/*"))
    public Response output(
            @PathParam("jobId") String jobId,
            @PathParam("shard") int shard,
            @PathParam("index") int index,
            @Parameter(description = "scaled down to fit, 16 to 4096 pixels") @QueryParam("maxSide")
                    @Nullable Integer maxSide,
            Request request) {
        TranslationJob job = jobs.translation(jobs.find(jobId));
        List<TranslationResult> results = files(job).shard(shard).orElse(List.of());
        String output = at(results, shard, index, "translated").output();
        if (output == null) {
            throw ProblemException.notFound(
                    "NO_OUTPUT",
                    "Image %d/%d of job %s has no output".formatted(shard, index, jobId));
        }
        return viewer.show(
                coordination.parts().store(), S3Uri.parse(output), Region.WHOLE, maxSide, request);
    }

    private JobResults files(TranslationJob job) {
        return new JobResults(coordination.parts().store(), job);
    }

    private static <T> T at(List<T> shard, int number, int index, String what) {
        if (index < 0 || index >= shard.size()) {
            throw ProblemException.notFound(
                    "NO_SUCH_IMAGE",
                    "There is no image %d/%d, or it is not %s yet".formatted(number, index, what));
        }
        return shard.get(index);
    }
}
