package io.pix2pix.api;

import io.pix2pix.storage.S3Uri;
import io.pix2pix.training.CheckpointCatalog.Page;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What can translate. */
@Path("/api/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "models")
public class ModelsResource {
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 200;

    private final Models models;

    ModelsResource(Models models) {
        this.models = models;
    }

    @GET
    @Operation(
            operationId = "listModels",
            summary =
                    "Checkpoints below a prefix with their metrics; without one, the generators of the trainings that are done")
    public ModelList list(
            @Parameter(description = "s3:// prefix that pix2pix.storage.allow permits")
                    @QueryParam("prefix")
                    @Nullable String prefix,
            @Parameter(description = "next of the page before") @QueryParam("cursor")
                    @Nullable String cursor,
            @Parameter(description = "models a page, 1 to 200; default 50") @QueryParam("limit")
                    @Nullable Integer limit) {
        int size = Query.limit(limit, PAGE, LARGEST_PAGE);
        if (prefix == null || prefix.isBlank()) {
            return new ModelList(models.finished(size), null);
        }
        Page page = models.below(parse(prefix), cursor, size);
        return new ModelList(page.models(), page.next());
    }

    private static S3Uri parse(String prefix) {
        try {
            return S3Uri.parse(prefix);
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest("prefix: " + e.getMessage());
        }
    }
}
