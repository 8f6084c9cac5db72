package io.pix2pix.api;

import io.pix2pix.event.JobStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Which jobs there are. */
@Path("/api/v1/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "jobs")
public class JobsResource {
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;

    private final Coordination coordination;
    private final Jobs jobs;

    JobsResource(Coordination coordination, Jobs jobs) {
        this.coordination = coordination;
        this.jobs = jobs;
    }

    @GET
    @Operation(operationId = "listJobs", summary = "Jobs, the newest first")
    public JobList list(
            @Parameter(description = "translation or training") @QueryParam("kind")
                    @Nullable String kind,
            @Parameter(description = "such as RUNNING; repeated or separated by commas")
                    @QueryParam("state")
                    @Nullable List<String> state,
            @Parameter(description = "in the jobId, the message or a URI of the job")
                    @QueryParam("text")
                    @Nullable String text,
            @Parameter(description = "next of the page before") @QueryParam("cursor")
                    @Nullable String cursor,
            @Parameter(description = "jobs a page, 1 to 500; default 50") @QueryParam("limit")
                    @Nullable Integer limit) {
        JobDirectory.Filter filter =
                new JobDirectory.Filter(
                        Query.one("kind", JobStatus.Kind.class, kind),
                        Query.some("state", JobView.State.class, state),
                        text == null || text.isBlank() ? null : text.strip());
        int size = Query.limit(limit, PAGE, LARGEST_PAGE);
        try {
            JobDirectory.Page page = coordination.jobs().list(filter, cursor, size);
            return new JobList(
                    page.entries().stream().map(entry -> jobs.view(entry, false)).toList(),
                    page.total(),
                    page.next());
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest("cursor: " + e.getMessage());
        }
    }
}
