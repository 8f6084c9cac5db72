package io.pix2pix.api;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** Jobs: which there are, how far each is, and steering them. */
@Path("/api/v1/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "jobs")
public class JobsResource {
    private static final int PAGE = 50;
    private static final int LARGEST_PAGE = 500;

    private final Coordination coordination;
    private final Clock clock = Clock.systemUTC();

    public JobsResource(Coordination coordination) {
        this.coordination = coordination;
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
                    page.entries().stream().map(entry -> view(entry, false)).toList(),
                    page.total(),
                    page.next());
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest("cursor: " + e.getMessage());
        }
    }

    @GET
    @Path("/{jobId}")
    @Operation(operationId = "getJob", summary = "One job with its progress")
    public JobView job(@PathParam("jobId") String jobId) {
        return view(find(jobId), true);
    }

    @GET
    @Path("/{jobId}/throughput")
    @Operation(
            operationId = "getThroughput",
            summary = "How many images or steps were done by when, as far as this process saw it")
    public Throughput throughput(@PathParam("jobId") String jobId) {
        JobView job = view(find(jobId), false);
        return new Throughput(job.progress().unit(), coordination.histories().of(jobId).points());
    }

    @POST
    @Path("/{jobId}/cancel")
    @ResponseStatus(202)
    @Operation(operationId = "cancelJob", summary = "Stop it for good; what was made stays")
    public JobView cancel(@PathParam("jobId") String jobId) {
        return command(jobId, Action.CANCEL);
    }

    @POST
    @Path("/{jobId}/pause")
    @ResponseStatus(202)
    @Operation(operationId = "pauseJob", summary = "Hand running tasks back, start no more")
    public JobView pause(@PathParam("jobId") String jobId) {
        return command(jobId, Action.PAUSE);
    }

    @POST
    @Path("/{jobId}/resume")
    @ResponseStatus(202)
    @Operation(operationId = "resumeJob", summary = "Go on after a pause")
    public JobView resume(@PathParam("jobId") String jobId) {
        return command(jobId, Action.RESUME);
    }

    /** The answer is the job as it still is: the command takes effect a moment later. */
    private JobView command(String jobId, Action action) {
        JobDirectory.Entry entry = find(jobId);
        JobView.State state = entry.state();
        if (!Actions.isDone(state, action)) {
            if (!Actions.of(state).contains(action)) {
                throw ProblemException.conflict(
                        "WRONG_STATE",
                        "Job %s is %s: there is nothing to %s"
                                .formatted(jobId, state, action.name().toLowerCase(Locale.ROOT)));
            }
            coordination.parts().publisher().command(new JobCommand(jobId, action));
        }
        return view(entry, true);
    }

    private JobDirectory.Entry find(String jobId) {
        return coordination.jobs().find(jobId).orElseThrow(() -> ProblemException.noSuchJob(jobId));
    }

    private JobView view(JobDirectory.Entry entry, boolean withJob) {
        History history = coordination.histories().of(entry.jobId());
        return JobView.of(entry, history, clock.instant(), withJob);
    }
}
