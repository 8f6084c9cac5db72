package io.pix2pix.api;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobCommand.Action;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;

/** One job: how far it is, what happens to it, and steering it. */
@Path("/api/v1/jobs/{jobId}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "jobs")
public class JobResource {
    private final Coordination coordination;
    private final Jobs jobs;
    private final EventStreams streams;

    JobResource(Coordination coordination, Jobs jobs, EventStreams streams) {
        this.coordination = coordination;
        this.jobs = jobs;
        this.streams = streams;
    }

    @GET
    @Operation(operationId = "getJob", summary = "One job with its progress")
    public JobView job(@PathParam("jobId") String jobId) {
        return jobs.view(jobs.find(jobId), true);
    }

    @GET
    @Path("/throughput")
    @Operation(
            operationId = "getThroughput",
            summary = "How many images or steps were done by when, as far as this process saw it")
    public Throughput throughput(@PathParam("jobId") String jobId) {
        JobView job = jobs.view(jobs.find(jobId), false);
        return new Throughput(job.progress().unit(), coordination.histories().of(jobId).points());
    }

    @GET
    @Path("/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(
            operationId = "streamJobEvents",
            summary =
                    "Events named job: the job as it is now, at once and whenever it changes, until it has ended; and of a training EpochCompleted, CheckpointPublished, TrainingCompleted as they happen")
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.SERVER_SENT_EVENTS))
    public void events(
            @PathParam("jobId") String jobId, @Context SseEventSink sink, @Context Sse sse) {
        jobs.find(jobId);
        streams.open(jobId, sink, sse);
    }

    @POST
    @Path("/cancel")
    @ResponseStatus(202)
    @APIResponseSchema(value = JobView.class, responseCode = "202")
    @Operation(operationId = "cancelJob", summary = "Stop it for good; what was made stays")
    public JobView cancel(@PathParam("jobId") String jobId) {
        return command(jobId, Action.CANCEL);
    }

    @POST
    @Path("/pause")
    @ResponseStatus(202)
    @APIResponseSchema(value = JobView.class, responseCode = "202")
    @Operation(operationId = "pauseJob", summary = "Hand running tasks back, start no more")
    public JobView pause(@PathParam("jobId") String jobId) {
        return command(jobId, Action.PAUSE);
    }

    @POST
    @Path("/resume")
    @ResponseStatus(202)
    @APIResponseSchema(value = JobView.class, responseCode = "202")
    @Operation(operationId = "resumeJob", summary = "Go on after a pause")
    public JobView resume(@PathParam("jobId") String jobId) {
        return command(jobId, Action.RESUME);
    }

    /** The answer is the job as it still is: the command takes effect a moment later. */
    private JobView command(String jobId, Action action) {
        JobDirectory.Entry entry = jobs.find(jobId);
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
        return jobs.view(entry, true);
    }
}
