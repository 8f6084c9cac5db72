package io.pix2pix.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.pix2pix.event.JobStatus;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.Certificate;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.TokenProvider;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged application with all that guards it switched on: TLS, API keys, tokens, allow-lists;
 * and with those who try to come by.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecureApiIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final String VIEWER = "viewer-s3cret-0NbFhLZIvNCRkGwZ";
    private static final String OPERATOR = "operator-s3cret/lDx+Yh4fvcwb3OXA==";
    private static final String TREASURE = "the treasure that nobody may see";

    /** Those that answer requests. */
    private static final int THREADS = 30;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> secrets = new CopyOnWriteArrayList<>();
    private static final List<String> answers = new CopyOnWriteArrayList<>();
    private static final List<String> trapped = new CopyOnWriteArrayList<>();

    private static S3Uri base;
    private static WorkerProcess worker;
    private static TokenProvider provider;
    private static HttpServer trap;
    private static HttpClient http;
    private static KafkaUser user;
    private static URI address;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        base = STACK.prefix();
        Path model = folder.resolve("generator.pt");
        Models.small(model, 3, 1);
        STACK.store()
                .upload(
                        model,
                        base.resolve("models/generator.pt"),
                        "application/octet-stream",
                        Map.of());
        put("in/0.png", Pictures.png(64, 32, 0));
        put("in/pairs/0.png", Pictures.png(72, 36, 1));
        put("in/bad.png", "this is no image".getBytes(UTF_8));
        put("secret/treasure.png", TREASURE.getBytes(UTF_8));
        Files.writeString(folder.resolve("treasure.png"), TREASURE);
        trap = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        trap.createContext(
                "/",
                exchange -> {
                    trapped.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    exchange.sendResponseHeaders(200, TREASURE.length());
                    exchange.getResponseBody().write(TREASURE.getBytes(UTF_8));
                    exchange.close();
                });
        trap.start();
        provider = new TokenProvider();
        Certificate certificate = Certificate.create(folder, "server", "EC");
        Path keys =
                Files.writeString(
                        folder.resolve("keys"), KeyEntry.of("ops", "operator", OPERATOR) + "\n");
        secrets.addAll(
                List.of(VIEWER, OPERATOR, TREASURE, STACK.storage().secretKey().orElseThrow()));
        Map<String, String> settings = new HashMap<>();
        String prefix = STACK.name("secure") + ".";
        settings.put("pix2pix.kafka.prefix", prefix);
        settings.put("pix2pix.device", "cpu");
        settings.put("pix2pix.api.keys", KeyEntry.of("eye", "viewer", VIEWER));
        settings.put("pix2pix.api.keys-file", keys.toString());
        settings.put("pix2pix.api.oidc.issuer", TokenProvider.ISSUER);
        settings.put("pix2pix.api.oidc.audience", TokenProvider.AUDIENCE);
        settings.put("pix2pix.api.oidc.jwks", provider.jwks().toString());
        settings.put("pix2pix.api.oidc.roles-claim", "realm_access/roles");
        settings.put("pix2pix.storage.allow", "s3://none-at-all/");
        settings.put("pix2pix.storage.allow-read", base.resolve("in/").toString());
        settings.put("pix2pix.storage.allow-write", base.resolve("out/").toString());
        settings.put("pix2pix.storage.allow-models", base.resolve("models/").toString());
        settings.put("quarkus.http.tls-configuration-name", "https");
        settings.put("quarkus.tls.https.key-store.pem.0.cert", certificate.chain().toString());
        settings.put("quarkus.tls.https.key-store.pem.0.key", certificate.key().toString());
        settings.put("quarkus.http.insecure-requests", "disabled");
        settings.put("quarkus.http.ssl-port", "0");
        settings.put("quarkus.thread-pool.max-threads", String.valueOf(THREADS));
        settings.put("quarkus.log.category.\"io.pix2pix\".level", "TRACE");
        settings.put("quarkus.log.category.\"org.apache.kafka\".level", "INFO");
        worker = WorkerProcess.start(STACK, settings).ready();
        address = worker.http();
        http = HttpClient.newBuilder().sslContext(certificate.trusting()).build();
        user = new KafkaUser(STACK.bootstrapServers(), prefix);
    }

    @AfterAll
    static void stop() throws Exception {
        worker.close();
        provider.close();
        trap.stop(0);
        user.close();
    }

    @Test
    @Order(1)
    void onlyTlsIsSpokenWithItsOwnCertificate() {
        assertThat(address.getScheme()).isEqualTo("https");
        assertThatThrownBy(
                        () ->
                                HttpClient.newHttpClient()
                                        .send(
                                                HttpRequest.newBuilder(address).build(),
                                                BodyHandlers.discarding()))
                .hasMessageContaining("PKIX");
    }

    @ParameterizedTest
    @Order(2)
    @ValueSource(
            strings = {
                "/api/v1/jobs",
                "/api/v1/jobs/x/events",
                "/api/v1/events",
                "/api/v1/openapi",
                "/api/v1/asyncapi",
                "/api/v1/backlog/translation",
                "/api/v1/models?prefix=s3://pix2pix/",
                "/api/v1/session",
                "/api/v1/nothing",
                "/api/v2/jobs",
                "/q/dev",
                "/q/openapi",
                "//api/v1/jobs",
                "/console/../api/v1/jobs",
                "/console/%2e%2e/api/v1/jobs",
                "/console/..;/api/v1/jobs",
                "/console/..%2fapi/v1/jobs",
                "/API/v1/jobs",
                "/q/health/../../api/v1/jobs",
                "/;/api/v1/jobs",
                "/api/v1/jobs;x=y"
            })
    void strangersSeeNothing(String path) throws Exception {
        HttpResponse<String> answer = ask("GET", path, null);
        assertThat(answer.body()).doesNotContain("jobs\":");
        if (answer.statusCode() != 404) {
            isProblem(answer, 401, "UNAUTHENTICATED");
            assertThat(answer.headers().firstValue("WWW-Authenticate"))
                    .contains("Bearer realm=\"pix2pix\"");
        } else {
            assertThat(path).as("open, but not there").startsWith("/console");
        }
    }

    @Test
    @Order(3)
    void whoLooksAfterTheProcessNeedsNoKey() throws Exception {
        assertThat(ask("GET", "/q/health/live", null).statusCode()).isEqualTo(200);
        assertThat(ask("GET", "/q/health/ready", null).statusCode()).isEqualTo(200);
        assertThat(ask("GET", "/q/metrics", null).body()).contains("jvm_");
    }

    @Test
    @Order(4)
    void viewersLookAndOperatorsSteer() throws Exception {
        isProblem(
                ask("POST", "/api/v1/translation-jobs", translation("a"), bearer(VIEWER)),
                403,
                "FORBIDDEN");
        HttpResponse<String> sent =
                ask("POST", "/api/v1/translation-jobs", translation("a"), bearer(OPERATOR));
        assertThat(sent.statusCode()).isEqualTo(202);
        await().until(
                        () -> ask("GET", "/api/v1/jobs/a", null, "X-API-Key", VIEWER).body(),
                        job -> job.contains("COMPLETED_WITH_FAILURES"));
        isProblem(ask("POST", "/api/v1/jobs/a/cancel", null, bearer(VIEWER)), 403, "FORBIDDEN");
        isProblem(ask("POST", "/api/v1/jobs/a/pause", null, bearer(OPERATOR)), 409, "WRONG_STATE");
        assertThat(
                        json(ask("GET", "/api/v1/session", null, bearer(OPERATOR)))
                                .path("role")
                                .asText())
                .isEqualTo("OPERATOR");
        assertThat(worker.log()).contains("ops (OPERATOR): POST /api/v1/translation-jobs");
    }

    @Test
    @Order(5)
    void aWrongKeyIsNone() throws Exception {
        for (String key :
                List.of("x", VIEWER + "x", VIEWER.substring(1), KeyEntry.sha256(VIEWER), "")) {
            isProblem(ask("GET", "/api/v1/jobs", null, "X-API-Key", key), 401, "UNAUTHENTICATED");
        }
        isProblem(
                ask("GET", "/api/v1/jobs", null, "Authorization", "Basic " + VIEWER),
                401,
                "UNAUTHENTICATED");
    }

    @Test
    @Order(6)
    void tokensOfTheProviderAreTaken() throws Exception {
        String viewer = provider.token("ann", List.of("viewer", "other"), claims -> {});
        String operator = provider.token("bob", List.of("operator"), claims -> {});
        secrets.addAll(List.of(viewer, operator));

        assertThat(ask("GET", "/api/v1/jobs", null, bearer(viewer)).statusCode()).isEqualTo(200);
        isProblem(ask("POST", "/api/v1/jobs/a/cancel", null, bearer(viewer)), 403, "FORBIDDEN");
        HttpResponse<String> sent =
                ask("POST", "/api/v1/translation-jobs", translation("a"), bearer(operator));
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(202);
        isProblem(
                ask(
                        "GET",
                        "/api/v1/jobs",
                        null,
                        bearer(provider.token("eve", List.of("admin"), claims -> {}))),
                403,
                "NO_ROLE");
    }

    @Test
    @Order(7)
    void otherTokensAreNot() throws Exception {
        List<String> roles = List.of("operator");
        refused(
                provider.token("bob", roles, c -> c.setExpirationTimeMinutesInTheFuture(-2)),
                "expired");
        refused(provider.token("bob", roles, c -> c.unsetClaim("exp")), "Neither");
        refused(provider.token("bob", roles, c -> c.setAudience("others")), "another audience");
        refused(provider.token("bob", roles, c -> c.unsetClaim("aud")), "another audience");
        refused(
                provider.token("bob", roles, c -> c.setIssuer("https://evil.example")),
                "another issuer");
        refused(provider.token("bob", roles, c -> c.setNotBeforeMinutesInThePast(-5)), "Neither");
        refused(
                TokenProvider.token(TokenProvider.newKey("first"), "bob", roles, c -> {}),
                "Neither");
        refused(
                TokenProvider.token(TokenProvider.newKey("unknown"), "bob", roles, c -> {}),
                "Neither");
        refused(unsigned(roles), "Neither");
        refused(signedWithThePublicKey(roles), "Neither");
        refused(
                provider.token("bob", List.of("viewer"), c -> {}).replaceAll("\\.[^.]*$", ".AAAA"),
                "Neither");
    }

    private static void refused(String token, String why) throws Exception {
        secrets.add(token);
        HttpResponse<String> answer = ask("GET", "/api/v1/jobs", null, bearer(token));
        isProblem(answer, 401, "UNAUTHENTICATED");
        assertThat(json(answer).path("detail").asText()).contains(why);
    }

    private static String unsigned(List<String> roles) throws Exception {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
        signature.setPayload(TokenProvider.claims("bob", roles, c -> {}).toJson());
        return signature.getCompactSerialization();
    }

    private static String signedWithThePublicKey(List<String> roles) throws Exception {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        signature.setKeyIdHeaderValue(provider.key().getKeyId());
        signature.setKey(new HmacKey(provider.key().getPublicKey().getEncoded()));
        signature.setPayload(TokenProvider.claims("bob", roles, c -> {}).toJson());
        return signature.getCompactSerialization();
    }

    @Test
    @Order(8)
    void theProviderMayChangeItsKey() throws Exception {
        provider.rotate();
        String token = provider.token("ann", List.of("viewer"), claims -> {});
        secrets.add(token);
        // A moment later, should it have been asked for its keys just now.
        await().untilAsserted(
                        () ->
                                assertThat(
                                                ask("GET", "/api/v1/jobs", null, bearer(token))
                                                        .statusCode())
                                        .isEqualTo(200));
    }

    @Test
    @Order(8)
    void whileTheProviderIsDownNobodyKnowsAboutTokensOfUnknownKeys() throws Exception {
        String token =
                TokenProvider.token(
                        TokenProvider.newKey("third"), "ann", List.of("viewer"), claims -> {});
        secrets.add(token);
        provider.fail();
        // A moment later, should it have been asked for its keys just now.
        await().untilAsserted(
                        () ->
                                isProblem(
                                        ask("GET", "/api/v1/jobs", null, bearer(token)),
                                        503,
                                        "NO_PROVIDER"));
        provider.recover();
    }

    /** Whoever has no key could otherwise take every thread that answers. */
    @Test
    @Order(8)
    void aProviderThatDoesNotAnswerHoldsUpTokensOnly() throws Exception {
        String token =
                TokenProvider.token(
                        TokenProvider.newKey("fourth"), "eve", List.of("viewer"), claims -> {});
        secrets.add(token);
        HttpRequest request = request("GET", "/api/v1/jobs", null, bearer(token));
        provider.hang();
        await().until(
                        () -> {
                            // Not asked where its keys have come just now.
                            var unused = http.sendAsync(request, BodyHandlers.ofString());
                            return provider.isAsked();
                        });
        List<CompletableFuture<HttpResponse<String>>> strangers =
                Stream.generate(() -> http.sendAsync(request, BodyHandlers.ofString()))
                        .limit(2 * THREADS)
                        .toList();
        assertThat(ask("GET", "/api/v1/jobs", null, bearer(VIEWER)).statusCode()).isEqualTo(200);
        assertThat(ask("GET", "/q/health/live", null).statusCode()).isEqualTo(200);
        assertThat(strangers).noneMatch(CompletableFuture::isDone);
        provider.answer();
        for (CompletableFuture<HttpResponse<String>> stranger : strangers) {
            assertThat(stranger.get(1, TimeUnit.MINUTES).statusCode()).isIn(401, 503);
        }
    }

    @Test
    @Order(9)
    void browsersGetACookieThatOnlyThisSitesPagesCanUse() throws Exception {
        isProblem(ask("POST", "/api/v1/session", null), 401, "UNAUTHENTICATED");
        HttpResponse<String> opened = ask("POST", "/api/v1/session", null, bearer(OPERATOR));
        assertThat(opened.statusCode()).isEqualTo(200);
        String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .startsWith("pix2pix-session=")
                .contains("HttpOnly", "Secure", "SameSite=Strict", "Path=/api");
        String session = cookie.substring(0, cookie.indexOf(';'));
        secrets.add(session.substring(session.indexOf('=') + 1));
        String own = address.getScheme() + "://" + address.getAuthority();

        assertThat(ask("GET", "/api/v1/jobs/a", null, "Cookie", session).statusCode())
                .isEqualTo(200);
        String path = "/api/v1/translation-jobs";
        isProblem(ask("POST", path, translation("a"), "Cookie", session), 403, "FOREIGN_ORIGIN");
        isProblem(
                ask(
                        "POST",
                        path,
                        translation("a"),
                        "Cookie",
                        session,
                        "Origin",
                        "https://evil.example"),
                403,
                "FOREIGN_ORIGIN");
        assertThat(
                        ask("POST", path, translation("a"), "Cookie", session, "Origin", own)
                                .statusCode())
                .isEqualTo(202);
        isProblem(
                ask("GET", "/api/v1/jobs", null, "Cookie", "pix2pix-session=?"),
                401,
                "UNAUTHENTICATED");
        HttpResponse<String> closed = ask("DELETE", "/api/v1/session", null);
        assertThat(closed.statusCode()).isEqualTo(204);
        assertThat(closed.headers().firstValue("Set-Cookie").orElseThrow())
                .contains("pix2pix-session=;", "Max-Age=0");
    }

    /** By REST and by topic: whatever they name, nothing is read there and nobody is asked. */
    @Test
    @Order(10)
    void jobsReadNoFilesNoOtherHostsAndNoOtherBuckets() throws Exception {
        List<String> sent = new ArrayList<>();
        int n = 0;
        for (String uri : HostileJobs.uris(base, "127.0.0.1:" + trap.getAddress().getPort())) {
            for (String job : HostileJobs.naming(uri, base)) {
                String kind = job.contains("\"dataset\"") ? "training-jobs" : "translation-jobs";
                String byRest = job.replace("JOB", "rest-" + n);
                HttpResponse<String> answer =
                        ask("POST", "/api/v1/" + kind, byRest, bearer(OPERATOR));
                assertThat(answer.statusCode()).as(byRest).isIn(202, 422);
                if (answer.statusCode() == 202) {
                    sent.add("rest-" + n);
                }
                user.write(kind, "topic-" + n, job.replace("JOB", "topic-" + n));
                sent.add("topic-" + n);
                n++;
            }
        }
        Map<String, JobStatus> ends = new HashMap<>();
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> {
                            ends.putAll(user.ends());
                            return ends.keySet().containsAll(sent);
                        });
        for (String id : sent) {
            JobStatus end = ends.get(id);
            assertThat(end.state()).as(id).isEqualTo(JobStatus.State.FAILED);
            // Refused for what they name, not for what was found there.
            assertThat(end.failure().code())
                    .as("%s: %s", id, end.message())
                    .isIn("NOT_ALLOWED", "INVALID_JOB");
            assertThat(end.message()).as(id).doesNotContain(TREASURE);
        }
        assertThat(trapped).isEmpty();
    }

    /** Whoever can write where outputs go could name other images there. */
    @Test
    @Order(11)
    void theViewerShowsNoObjectThatAChangedResultNames() throws Exception {
        S3Uri results = base.resolve("out/a/_pix2pix/a/results/00000.jsonl");
        String lines = new String(STACK.store().read(results, 1 << 20).bytes(), UTF_8);
        String secret = base.resolve("secret/treasure.png").toString();
        String changed = lines.replace(base.resolve("out/a/0.png").toString(), secret);
        assertThat(changed).contains(secret);
        STACK.store().put(results, changed.getBytes(UTF_8), "application/jsonl");

        HttpResponse<String> shown =
                ask("GET", "/api/v1/jobs/a/images/0/0/output", null, bearer(VIEWER));
        isProblem(shown, 403, "NOT_ALLOWED");
        isProblem(
                ask(
                        "GET",
                        "/api/v1/models?prefix=" + base.resolve("secret/"),
                        null,
                        bearer(VIEWER)),
                403,
                "NOT_ALLOWED");
        isProblem(
                ask("GET", "/api/v1/models?prefix=file:///etc/", null, bearer(VIEWER)),
                400,
                "BAD_REQUEST");
    }

    @Test
    @Order(12)
    void noSecretIsSaid() throws Exception {
        for (String path :
                List.of(
                        "/q/health",
                        "/q/metrics",
                        "/api/v1/jobs?limit=500",
                        "/api/v1/jobs/a",
                        "/api/v1/jobs/a/failures",
                        "/api/v1/asyncapi",
                        "/api/v1/openapi",
                        "/api/v1/session")) {
            ask("GET", path, null, bearer(VIEWER));
        }
        for (String topic :
                List.of(
                        "job-status",
                        "task-events",
                        "translation-results",
                        "training-events",
                        "dead-letters")) {
            user.read(topic)
                    .forEach(
                            record ->
                                    answers.add(
                                            record.headers() + new String(record.value(), UTF_8)));
        }
        String log = worker.log();
        assertThat(log).as("has what is to be looked through").contains(" DEBUG ");
        for (String secret : secrets) {
            assertThat(log).doesNotContain(secret);
            assertThat(answers).noneMatch(answer -> answer.contains(secret));
        }
        assertThat(log).doesNotContain("secretAccessKey").doesNotContain("PRIVATE KEY");
    }

    @Test
    @Order(13)
    void aCoordinatorDoesNotServeOtherMachinesWithoutAskingWhoTheyAre() throws Exception {
        try (WorkerProcess open =
                WorkerProcess.start(STACK, Map.of("quarkus.http.host", "0.0.0.0"))) {
            assertThat(open.exitCode(Duration.ofMinutes(1))).isEqualTo(1);
            assertThat(open.log())
                    .contains("would listen on 0.0.0.0 (quarkus.http.host) without authentication")
                    .contains("pix2pix.api.allow-anonymous=true")
                    .doesNotContain(" is ready: ");
        }
    }

    private static HttpResponse<String> ask(
            String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                http.send(request(method, path, body, headers), BodyHandlers.ofString());
        answers.add(answer.body());
        return answer;
    }

    private static HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path))
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    private static void isProblem(HttpResponse<String> answer, int status, String code)
            throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/problem+json");
        assertThat(json(answer).path("code").asText()).isEqualTo(code);
        assertThat(json(answer).path("status").asInt()).isEqualTo(status);
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    private static String[] bearer(String secret) {
        return new String[] {"Authorization", "Bearer " + secret};
    }

    private static String translation(String id) {
        return """
        {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "%s"},
         "output": {"uri": "%s"}, "size": {"width": 32, "height": 32}}
        """
                .formatted(
                        id,
                        base.resolve("models/generator.pt"),
                        base.resolve("in/"),
                        base.resolve("out/" + id + "/"));
    }

    private static void put(String key, byte[] bytes) {
        STACK.store().create(base.resolve(key), bytes, "application/octet-stream", Map.of());
    }
}
