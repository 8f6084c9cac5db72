package io.pix2pix.api;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.NewCookie.SameSite;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * For browsers, whose pictures and streams of events cannot send a header: the key or token as a
 * cookie that no script can read and no other site can use. Nothing is kept here, so any
 * coordinator takes it, and it ends when the key or token does.
 */
@Path("/api/v1/session")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "session")
public class SessionResource {
    /** What browsers keep is 4 KiB with names and attributes. */
    private static final int LONGEST = 3_800;

    private final Access access;

    SessionResource(Access access) {
        this.access = access;
    }

    @GET
    @Operation(
            operationId = "getSession",
            summary = "Who asks, and whether as VIEWER or OPERATOR; 401 who must sign in")
    public Caller who(@Context RoutingContext context) {
        return AccessFilter.caller(context);
    }

    @POST
    @APIResponseSchema(value = Caller.class, responseCode = "200")
    @Operation(
            operationId = "openSession",
            summary = "Gives a cookie for the key or token that the request has in its header")
    public Response open(@Context RoutingContext context) {
        Response.ResponseBuilder answer = Response.ok(AccessFilter.caller(context));
        if (access.isRequired()) {
            String value = Credential.of(context.request()).orElseThrow().encoded();
            if (value.length() > LONGEST) {
                throw ProblemException.tooLarge(
                        "The token is longer than a cookie can be; have the provider put less into it");
            }
            answer.cookie(cookie(context, value).build());
        }
        return answer.build();
    }

    @DELETE
    @APIResponse(responseCode = "204", description = "The cookie is gone")
    @Operation(operationId = "closeSession", summary = "Takes the cookie away")
    public Response close(@Context RoutingContext context) {
        return Response.noContent().cookie(cookie(context, "").maxAge(0).build()).build();
    }

    private static NewCookie.Builder cookie(RoutingContext context, String value) {
        return new NewCookie.Builder(Credential.COOKIE)
                .value(value)
                .path("/api")
                .httpOnly(true)
                .sameSite(SameSite.STRICT)
                .secure("https".equals(context.request().scheme()));
    }
}
