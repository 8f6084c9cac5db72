package io.pix2pix.api;

import io.pix2pix.event.Json;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/** What all answers have in common: entity tags, headers for browsers, no foreign pages. */
@Singleton
public class ApiFilters {
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;

    /**
     * Another site's page that a user happens to have open must not steer jobs: browsers say where
     * a request comes from, other clients do not.
     */
    @ServerRequestFilter
    public @Nullable Response refuseForeignPages(ContainerRequestContext request) {
        String origin = request.getHeaderString("Origin");
        String host = request.getUriInfo().getRequestUri().getAuthority();
        boolean changes = !request.getMethod().equals("GET") && !request.getMethod().equals("HEAD");
        if (changes && origin != null && !isOf(origin, host)) {
            return Problems.response(
                    Problem.of(
                            403,
                            "FOREIGN_ORIGIN",
                            "Forbidden",
                            "A page of %s may not change anything here".formatted(origin)));
        }
        return null;
    }

    private static boolean isOf(String origin, @Nullable String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @ServerResponseFilter
    public void addHeaders(ContainerRequestContext request, ContainerResponseContext response) {
        MultivaluedMap<String, Object> headers = response.getHeaders();
        headers.putSingle("X-Content-Type-Options", "nosniff");
        headers.putSingle("Content-Security-Policy", "default-src 'none'; sandbox");
        headers.putSingle("Cross-Origin-Resource-Policy", "same-origin");
        headers.putSingle("Referrer-Policy", "no-referrer");
        if (!headers.containsKey(HttpHeaders.CACHE_CONTROL)) {
            headers.putSingle(HttpHeaders.CACHE_CONTROL, "no-cache");
        }
        boolean tagged =
                request.getMethod().equals("GET")
                        && response.getStatus() == OK
                        && response.getEntity() instanceof Record;
        if (tagged) {
            EntityTag tag = new EntityTag(Json.digest(response.getEntity()).substring(0, 32));
            headers.putSingle(HttpHeaders.ETAG, tag);
            if (request.getRequest().evaluatePreconditions(tag) != null) {
                response.setStatus(NOT_MODIFIED);
                response.setEntity(null);
            }
        }
    }
}
