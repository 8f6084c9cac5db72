package io.pix2pix.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.event.Schema.Violation;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.training.Networks;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Takes jobs: the same JSON as the topics take, checked the same way, but answered at once. */
@Path("/api/v1")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "jobs")
public class SubmissionsResource {
    private final Coordination coordination;
    private final Jobs jobs;
    private final Clock clock = Clock.systemUTC();

    SubmissionsResource(Coordination coordination, Jobs jobs) {
        this.coordination = coordination;
        this.jobs = jobs;
    }

    @POST
    @Path("/translation-jobs")
    @Operation(
            operationId = "submitTranslationJob",
            summary = "Submit a translation job; the same again is no second job")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema =
                                    @org.eclipse.microprofile.openapi.annotations.media.Schema(
                                            ref = "/api/v1/schemas/translation-job.json")))
    @APIResponseSchema(value = JobView.class, responseCode = "202")
    public Response translation(byte[] body, UriInfo uri) {
        TranslationJob job = read(body, Schema.TRANSLATION_JOB, TranslationJob.class);
        return submit(job, Kind.TRANSLATION, uri, () -> publish(job));
    }

    @POST
    @Path("/training-jobs")
    @Operation(
            operationId = "submitTrainingJob",
            summary = "Submit a training job; the same again is no second job")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema =
                                    @org.eclipse.microprofile.openapi.annotations.media.Schema(
                                            ref = "/api/v1/schemas/training-job.json")))
    @APIResponseSchema(value = JobView.class, responseCode = "202")
    public Response training(byte[] body, UriInfo uri) {
        TrainingJob job = read(body, Schema.TRAINING_JOB, TrainingJob.class);
        try {
            Networks.of(job);
        } catch (FailureException e) {
            throw invalid(List.of(new Violation("$", e.failure().message())));
        }
        return submit(job, Kind.TRAINING, uri, () -> publish(job));
    }

    private void publish(TranslationJob job) {
        coordination.parts().publisher().submit(job);
    }

    private void publish(TrainingJob job) {
        coordination.parts().publisher().submit(job);
    }

    private Response submit(Job job, Kind kind, UriInfo uri, Runnable publish) {
        String jobId = job.jobId();
        JobDirectory.Entry known = coordination.jobs().find(jobId).orElse(null);
        if (known == null) {
            publish.run();
            known = new JobDirectory.Entry(jobId, kind, clock.instant(), null, job);
        } else if (!job.equals(known.job())) {
            throw ProblemException.conflict(
                    "JOB_ID_TAKEN",
                    "jobId %s is taken by another job, submitted at %s; choose a new jobId"
                            .formatted(jobId, known.submittedAt()));
        }
        return Response.accepted(jobs.view(known, true))
                .location(uri.getBaseUriBuilder().path("api/v1/jobs").path(jobId).build())
                .build();
    }

    private <J extends Job> J read(byte[] body, Schema schema, Class<J> type) {
        coordination.parts();
        JsonNode tree;
        try {
            tree = Json.mapper().readTree(body);
        } catch (IOException e) {
            throw ProblemException.badRequest("No valid JSON: " + firstLine(e));
        }
        if (tree == null || !tree.isObject()) {
            throw ProblemException.badRequest("Expected a JSON object");
        }
        List<Violation> wrong = schema.violations(tree);
        if (!wrong.isEmpty()) {
            throw invalid(wrong);
        }
        try {
            return Json.read(body, type);
        } catch (IllegalArgumentException e) {
            throw invalid(List.of(violation(String.valueOf(e.getMessage()))));
        }
    }

    private static ProblemException invalid(List<Violation> wrong) {
        String first = wrong.get(0).path() + ": " + wrong.get(0).message();
        String detail =
                wrong.size() == 1
                        ? first
                        : "%d fields are missing or wrong; %s".formatted(wrong.size(), first);
        return ProblemException.invalid(detail, wrong);
    }

    /** From a sentence that begins with its JSON path. */
    private static Violation violation(String message) {
        int colon = message.indexOf(": ");
        return colon > 0 && message.startsWith("$")
                ? new Violation(message.substring(0, colon), message.substring(colon + 2))
                : new Violation("$", message);
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
