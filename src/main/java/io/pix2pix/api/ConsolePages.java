package io.pix2pix.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * What goes with the console's files, which lie below {@code META-INF/resources}: they load nothing
 * from elsewhere and run no script but their own, and only a coordinator serves them.
 */
@Singleton
public class ConsolePages {
    private static final int BEFORE_THE_FILES = 100;

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                    + "connect-src 'self'; form-action 'none'; base-uri 'none'; "
                    + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private final Coordination coordination;

    ConsolePages(Coordination coordination) {
        this.coordination = coordination;
    }

    void register(@Observes Filters filters) {
        filters.register(this::guard, BEFORE_THE_FILES);
    }

    private void guard(RoutingContext context) {
        String path = context.normalizedPath();
        if (path.startsWith("/api/") || path.startsWith("/q/")) {
            context.next();
        } else if (coordination.isElsewhere()) {
            context.response()
                    .setStatusCode(404)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                    .end(
                            "This process does not coordinate (pix2pix.roles); the console is at those that do.\n");
        } else {
            // At the end, for the handler of files sets some of them too.
            context.addHeadersEndHandler(ignored -> addHeaders(context.response().headers()));
            context.next();
        }
    }

    private static void addHeaders(MultiMap headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        // A page of one version does not go with scripts of another: always ask whether it changed.
        headers.set(HttpHeaders.CACHE_CONTROL, "no-cache");
    }
}
