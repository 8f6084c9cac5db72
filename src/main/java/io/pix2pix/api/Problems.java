package io.pix2pix.api;

import io.pix2pix.event.Json;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever ends a request into a {@link Problem}. */
@Singleton
public class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);
    private static final String RETRY_AFTER_S = "5";

    @ServerExceptionMapper
    public Response problem(ProblemException e) {
        return response(e.problem());
    }

    /** What the storage or Kafka said. */
    @ServerExceptionMapper
    public Response failure(FailureException e) {
        Failure failure = e.failure();
        int status =
                switch (failure.code()) {
                    case "NOT_FOUND", "NO_BUCKET" -> 404;
                    case "NOT_ALLOWED", "ACCESS_DENIED" -> 403;
                    case "TOO_LARGE", "IMAGE_TOO_LARGE" -> 413;
                    default -> failure.retriable() ? 503 : 502;
                };
        if (status >= 500) {
            LOG.warnf(e, "A request failed: %s", failure.message());
        }
        return response(Problem.of(status, failure.code(), title(status), failure.message()));
    }

    /** What the framework refuses: unknown paths, methods, media types, parameters. */
    @ServerExceptionMapper
    public Response framework(WebApplicationException e, UriInfo uri) {
        Response original = e.getResponse();
        int status = original.getStatus();
        if (original.hasEntity() || status < 400) {
            return original;
        }
        if (status == 404 && e.getCause() != null) {
            // A parameter that is no number, say; the path is there.
            status = 400;
        }
        Response.ResponseBuilder builder =
                builder(
                        Problem.of(
                                status,
                                code(status),
                                title(status),
                                "%s: %s".formatted(uri.getPath(), explain(status, e))));
        String allowed = original.getHeaderString(HttpHeaders.ALLOW);
        return (allowed == null ? builder : builder.header(HttpHeaders.ALLOW, allowed)).build();
    }

    /** A defect of ours: what it was stays in the log. */
    @ServerExceptionMapper
    public Response unexpected(Throwable e, UriInfo uri) {
        LOG.errorf(e, "Failed to answer %s", uri.getPath());
        return response(
                Problem.of(
                        500,
                        code(500),
                        title(500),
                        "Unexpected: %s; see the coordinator's log".formatted(e.getClass())));
    }

    /** Paths below the API that no resource has, whoever else may serve pages beside it. */
    void unknownPaths(@Observes Router router) {
        router.route("/api/*").order(Integer.MAX_VALUE).handler(Problems::unknownPath);
    }

    private static void unknownPath(RoutingContext context) {
        Problem problem =
                Problem.of(404, code(404), title(404), context.normalizedPath() + ": no such path");
        context.response()
                .setStatusCode(404)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(new String(Json.write(problem), StandardCharsets.UTF_8));
    }

    static Response response(Problem problem) {
        return builder(problem).build();
    }

    private static Response.ResponseBuilder builder(Problem problem) {
        Response.ResponseBuilder builder =
                Response.status(problem.status())
                        .type(Problem.MEDIA_TYPE)
                        .entity(Json.writeString(problem));
        return problem.status() == 503
                ? builder.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_S)
                : builder;
    }

    private static String explain(int status, WebApplicationException e) {
        return switch (status) {
            case 400 -> "a parameter cannot be read";
            case 404 -> "no such path";
            case 405 -> "this method is not understood here";
            case 406 -> "the answer has none of the media types that Accept names";
            case 415 -> "expected application/json";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static String code(int status) {
        return switch (status) {
            case 400 -> "BAD_REQUEST";
            case 404 -> "NO_SUCH_PATH";
            case 405 -> "METHOD_NOT_ALLOWED";
            case 406 -> "NOT_ACCEPTABLE";
            case 415 -> "UNSUPPORTED_MEDIA_TYPE";
            case 500 -> "UNEXPECTED";
            default -> "HTTP_" + status;
        };
    }

    private static String title(int status) {
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "HTTP " + status : known.getReasonPhrase();
    }
}
