package io.pix2pix.api;

import io.pix2pix.event.Json;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request in or answers it: before anything else sees it, whatever it is for. Open are the
 * health checks, the metrics unless configured otherwise, and the console's files, which hold
 * nothing of anybody's; all else needs a viewer to look and an operator to change.
 */
@Singleton
public class AccessFilter {
    private static final Logger LOG = Logger.getLogger(AccessFilter.class);
    private static final int BEFORE_ALL_OTHERS = 10_000;
    private static final String CALLER = "pix2pix.caller";
    private static final String SESSION = "/api/v1/session";

    /** Each may wait for the provider; those that answer requests must not. */
    private static final int TOKEN_THREADS = 4;

    private static final Set<String> PAGES = Set.of("/", "/index.html", "/favicon.ico");

    private final Access access;
    private final @Nullable WorkerExecutor tokenThreads;

    AccessFilter(Access access, Vertx vertx) {
        this.access = access;
        this.tokenThreads =
                access.tokens() == null
                        ? null
                        : vertx.createSharedWorkerExecutor("pix2pix-tokens", TOKEN_THREADS);
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, BEFORE_ALL_OTHERS);
    }

    /** Who asks; known for every request that came through here. */
    static Caller caller(RoutingContext context) {
        Caller caller = context.get(CALLER);
        return caller == null ? Caller.ANONYMOUS : caller;
    }

    private void check(RoutingContext context) {
        if (!access.isRequired()) {
            checkHost(context);
        } else if (isOpen(context)) {
            context.next();
        } else {
            Credential credential = Credential.of(context.request()).orElse(null);
            if (credential == null) {
                refuse(
                        context,
                        unauthenticated(
                                "Send an API key or a token as Authorization: Bearer, or a key as X-API-Key"));
            } else {
                identify(context, credential);
            }
        }
    }

    private boolean isOpen(RoutingContext context) {
        String path = context.normalizedPath();
        if (path.equals(SESSION) && HttpMethod.DELETE.equals(context.request().method())) {
            return true; // who has no valid session can leave it, too
        }
        boolean metrics = isBelow(path, "/q/metrics") && !access.protectsMetrics();
        boolean page =
                PAGES.contains(path) || isBelow(path, "/console") || isBelow(path, "/webjars");
        return (page || metrics || isBelow(path, "/q/health")) && !isChange(context.request());
    }

    private static boolean isBelow(String path, String folder) {
        return path.equals(folder) || path.startsWith(folder + "/");
    }

    private static boolean isChange(HttpServerRequest request) {
        return !HttpMethod.GET.equals(request.method())
                && !HttpMethod.HEAD.equals(request.method());
    }

    private void checkHost(RoutingContext context) {
        var authority = context.request().authority();
        if (!access.answersTo(authority == null ? null : authority.host())) {
            refuse(
                    context,
                    Problem.of(
                            403,
                            "FOREIGN_HOST",
                            "Forbidden",
                            "Without authentication no name is answered but this machine's own and those in pix2pix.api.hosts"));
        } else {
            context.next();
        }
    }

    private void identify(RoutingContext context, Credential credential) {
        Caller known = access.byKey(credential.secret()).orElse(null);
        Tokens tokens = access.tokens();
        WorkerExecutor threads = tokenThreads;
        if (known != null) {
            authorize(context, credential, known);
        } else if (tokens == null || threads == null) {
            refuse(context, unauthenticated("No such API key"));
        } else {
            context.request().pause();
            threads.executeBlocking(() -> tokens.caller(credential.secret()), false)
                    .onComplete(
                            identified -> {
                                context.request().resume();
                                if (identified.succeeded()) {
                                    authorize(context, credential, identified.result());
                                } else if (identified.cause() instanceof ProblemException e) {
                                    refuse(context, e.problem());
                                } else {
                                    context.fail(identified.cause());
                                }
                            });
        }
    }

    private static void authorize(RoutingContext context, Credential credential, Caller caller) {
        HttpServerRequest request = context.request();
        boolean session = context.normalizedPath().equals(SESSION);
        ApiRole needed = isChange(request) && !session ? ApiRole.OPERATOR : ApiRole.VIEWER;
        if (!caller.role().includes(needed)) {
            refuse(
                    context,
                    Problem.of(
                            403,
                            "FORBIDDEN",
                            "Forbidden",
                            "%s is a viewer; %s needs an operator"
                                    .formatted(printable(caller.name()), request.method())));
        } else if (credential.byCookie()
                && isChange(request)
                && request.getHeader("Origin") == null) {
            // Of its own page a browser always says so; the API refuses other pages' by this.
            refuse(
                    context,
                    Problem.of(
                            403,
                            "FOREIGN_ORIGIN",
                            "Forbidden",
                            "A change by session cookie must come from a page of this server (Origin)"));
        } else {
            if (isChange(request) && !session) {
                LOG.infof(
                        "%s (%s): %s %s",
                        printable(caller.name()),
                        caller.role(),
                        request.method(),
                        printable(context.normalizedPath()));
            }
            context.put(CALLER, caller);
            context.next();
        }
    }

    /** What strangers wrote, on one line of the log. */
    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7E]", "?");
    }

    private static Problem unauthenticated(String detail) {
        return ProblemException.unauthenticated(detail).problem();
    }

    private static void refuse(RoutingContext context, Problem problem) {
        HttpServerResponse response = context.response();
        response.setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer realm=\"pix2pix\"");
        }
        response.end(Json.writeString(problem));
    }
}
