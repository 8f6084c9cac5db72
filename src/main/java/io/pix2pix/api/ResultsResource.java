package io.pix2pix.api;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.translation.JobResults;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What became of a translation job's images. */
@Path("/api/v1/jobs/{jobId}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "translation")
public class ResultsResource {
    private static final int PAGE = 100;
    private static final int LARGEST_PAGE = 1000;

    /** Before a cursor into the list of failures; others are positions in the results. */
    private static final String IN_FAILURES = "f";

    private final Coordination coordination;
    private final Jobs jobs;

    ResultsResource(Coordination coordination, Jobs jobs) {
        this.coordination = coordination;
        this.jobs = jobs;
    }

    @GET
    @Path("/results")
    @Operation(operationId = "listResults", summary = "Committed results, shard by shard")
    public ResultList results(
            @PathParam("jobId") String jobId,
            @Parameter(description = "succeeded, skipped or failed") @QueryParam("outcome")
                    @Nullable String outcome,
            @Parameter(description = "next of the page before") @QueryParam("cursor")
                    @Nullable String cursor,
            @Parameter(description = "results a page, 1 to 1000; default 100") @QueryParam("limit")
                    @Nullable Integer limit) {
        int size = Query.limit(limit, PAGE, LARGEST_PAGE);
        Outcome wanted = Query.one("outcome", Outcome.class, outcome);
        JobResults results = results(jobs.find(jobId));
        return page(() -> results.results(wanted, cursor, size), "");
    }

    @GET
    @Path("/failures")
    @Operation(
            operationId = "listFailures",
            summary = "Images that failed, with stage, code and message")
    public ResultList failures(
            @PathParam("jobId") String jobId,
            @Parameter(description = "next of the page before") @QueryParam("cursor")
                    @Nullable String cursor,
            @Parameter(description = "failures a page, 1 to 1000; default 100") @QueryParam("limit")
                    @Nullable Integer limit) {
        int size = Query.limit(limit, PAGE, LARGEST_PAGE);
        JobDirectory.Entry entry = jobs.find(jobId);
        JobResults results = results(entry);
        boolean reported = entry.status() != null && entry.status().report() != null;
        if (cursor == null ? reported : cursor.startsWith(IN_FAILURES)) {
            String from = cursor == null ? null : cursor.substring(IN_FAILURES.length());
            return page(() -> results.failures(from, size), IN_FAILURES);
        }
        return page(() -> results.results(Outcome.FAILED, cursor, size), "");
    }

    private JobResults results(JobDirectory.Entry entry) {
        TranslationJob job = jobs.translation(entry);
        return new JobResults(coordination.parts().store(), job);
    }

    private static ResultList page(Supplier<JobResults.Page> read, String prefix) {
        try {
            JobResults.Page page = read.get();
            return new ResultList(
                    page.results(), page.next() == null ? null : prefix + page.next());
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest("cursor: " + e.getMessage());
        }
    }
}
