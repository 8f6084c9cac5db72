package io.pix2pix.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.api.ApiClient.Answer;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
import org.junit.jupiter.params.provider.CsvSource;

/** The REST API of the packaged application, asked by a client that knows HTTP and JSON only. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApiIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static S3Uri base;
    private static ObjectStore store;
    private static WorkerProcess worker;
    private static WorkerProcess elsewhere;
    private static ApiClient api;
    private static KafkaUser user;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        String prefix = STACK.name("api") + ".";
        base = STACK.prefix();
        store = STACK.store();
        Path model = folder.resolve("generator.pt");
        Models.small(model, 3, 1);
        store.upload(model, base.resolve("generator.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < 7; i++) {
            put("in/%d.png".formatted(i), Pictures.png(64, 32, i));
        }
        put("in/x-bad.png", "this is no image".getBytes(UTF_8));
        for (int i = 0; i < 4; i++) {
            put("pairs/%d.png".formatted(i), Pictures.png(72, 36, i));
        }
        worker =
                WorkerProcess.start(
                        STACK, Map.of("pix2pix.kafka.prefix", prefix, "quarkus.http.port", "0"));
        elsewhere =
                WorkerProcess.start(
                        STACK,
                        Map.of(
                                "pix2pix.kafka.prefix", prefix,
                                "quarkus.http.port", "0",
                                "quarkus.http.host", "0.0.0.0",
                                "pix2pix.api.hosts", "elsewhere",
                                "pix2pix.roles", "trainer",
                                "pix2pix.device", "stand-in"));
        worker.ready();
        api = new ApiClient(worker.http());
        user = new KafkaUser(STACK.bootstrapServers(), prefix);
    }

    @AfterAll
    static void stop() throws Exception {
        user.close();
        worker.close();
        elsewhere.close();
    }

    @Test
    @Order(1)
    void aTranslationJobIsSubmittedAndEachOfItsImagesIsAccountedFor() {
        Answer sent = api.post("/api/v1/translation-jobs", translation("maps"));
        assertThat(sent.status()).isEqualTo(202);
        assertThat(sent.header("Location")).endsWith("/api/v1/jobs/maps");
        assertThat(sent.json().at("/job/size/width").asInt()).isEqualTo(32);
        assertThat(api.post("/api/v1/translation-jobs", translation("maps")).status())
                .isEqualTo(202);
        Answer taken =
                api.post(
                        "/api/v1/translation-jobs",
                        translation("maps").replace("\"shardSize\": 3", "\"shardSize\": 4"));
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.code()).isEqualTo("JOB_ID_TAKEN");

        JsonNode end = awaitEnd("maps");
        assertThat(end.path("state").asText()).isEqualTo("COMPLETED_WITH_FAILURES");
        assertThat(end.at("/progress/done").asInt()).isEqualTo(8);
        assertThat(end.at("/progress/totalKnown").asBoolean()).isTrue();
        assertThat(end.at("/images/failed").asInt()).isEqualTo(1);
        assertThat(end.path("actions")).isEmpty();

        JsonNode failures = api.get("/api/v1/jobs/maps/failures").json();
        assertThat(failures.path("results")).hasSize(1);
        assertThat(failures.at("/results/0/input").asText()).endsWith("/in/x-bad.png");
        assertThat(failures.at("/results/0/failure/code").asText()).isEqualTo("NOT_AN_IMAGE");
        assertThat(failures.has("next")).isFalse();

        Set<String> inputs = new HashSet<>();
        String cursor = "";
        int pages = 0;
        do {
            JsonNode page = api.get("/api/v1/jobs/maps/results?limit=3" + cursor).json();
            page.path("results").forEach(r -> inputs.add(r.path("input").asText()));
            cursor = page.has("next") ? "&cursor=" + page.path("next").asText() : null;
            pages++;
        } while (cursor != null);
        assertThat(inputs).hasSize(8);
        assertThat(pages).isEqualTo(3);
        assertThat(api.get("/api/v1/jobs/maps/results?outcome=failed").json().path("results"))
                .hasSize(1);
        JsonNode points = api.get("/api/v1/jobs/maps/throughput").json().path("points");
        assertThat(points.get(points.size() - 1).path("done").asInt()).isEqualTo(8);
    }

    @Test
    @Order(2)
    void imagesAreShownBeforeAndAfterButOnlyThoseOfTheJob() {
        JsonNode page = api.get("/api/v1/jobs/maps/images?offset=2&limit=4").json();
        assertThat(page.path("total").asInt()).isEqualTo(8);
        assertThat(page.path("images")).hasSize(4);
        JsonNode third = page.at("/images/0");
        assertThat(third.path("position").asInt()).isEqualTo(2);
        assertThat(third.path("state").asText()).isEqualTo("succeeded");
        Answer input = api.get(third.path("inputUrl").asText());
        assertThat(input.header("Content-Type")).isEqualTo("image/png");
        assertThat(input.header("X-Content-Type-Options")).isEqualTo("nosniff");
        Pixels left = new Decoder().decode(input.response().body(), 3);
        assertThat(left.width()).describedAs("the job's side is the left half").isEqualTo(32);
        Answer output = api.get(third.path("outputUrl").asText());
        byte[] there = store.read(S3Uri.parse(third.path("output").asText()), 1 << 20).bytes();
        assertThat(output.response().body()).isEqualTo(there);
        assertThat(
                        api.get(
                                        third.path("outputUrl").asText(),
                                        "If-None-Match",
                                        output.header("ETag"))
                                .status())
                .isEqualTo(304);
        Answer small = api.get(third.path("outputUrl").asText() + "?maxSide=16");
        assertThat(new Decoder().decode(small.response().body(), 3).width()).isEqualTo(16);

        JsonNode last = api.get("/api/v1/jobs/maps/images?offset=7").json().at("/images/0");
        assertThat(last.path("state").asText()).isEqualTo("failed");
        assertThat(last.has("outputUrl")).isFalse();
        Answer bad = api.get(last.path("inputUrl").asText());
        assertThat(bad.status()).isEqualTo(415);
        assertThat(bad.code()).isEqualTo("NOT_AN_IMAGE");
        assertThat(api.get("/api/v1/jobs/maps/images/0/3/input").code()).isEqualTo("NO_SUCH_IMAGE");
        assertThat(api.get("/api/v1/jobs/maps/images/9/0/output").code())
                .isEqualTo("NO_SUCH_IMAGE");
        assertThat(api.get("/api/v1/jobs/maps/epochs").code()).isEqualTo("OTHER_KIND");
    }

    @Test
    @Order(3)
    void aTrainingIsFollowedByItsEventsAndItsEpochsSamplesAndCheckpointsAreSeen() throws Exception {
        assertThat(api.post("/api/v1/training-jobs", training("learn", 2)).status()).isEqualTo(202);
        // What was submitted is known here when it has come back from the topic.
        await().until(() -> api.get("/api/v1/jobs/learn").status() == 200);
        CompletableFuture<List<String>> all = new CompletableFuture<>();
        List<String> events = api.events("/api/v1/jobs/learn/events", event -> {});
        all.complete(events);
        assertThat(all.get(1, TimeUnit.SECONDS)).first().asString().startsWith("job {");
        assertThat(events.stream().filter(e -> e.startsWith("EpochCompleted "))).hasSize(2);
        assertThat(events.stream().filter(e -> e.startsWith("TrainingCompleted "))).hasSize(1);
        assertThat(events.get(events.size() - 1)).startsWith("job ").contains("\"SUCCEEDED\"");

        JsonNode job = api.get("/api/v1/jobs/learn").json();
        assertThat(job.at("/progress/unit").asText()).isEqualTo("steps");
        assertThat(job.at("/progress/done").asInt()).isEqualTo(8);
        JsonNode epochs = api.get("/api/v1/jobs/learn/epochs").json().path("epochs");
        assertThat(epochs).hasSize(2);
        assertThat(epochs.at("/1/validation/ssim").isNumber()).isTrue();
        JsonNode samples = api.get("/api/v1/jobs/learn/samples").json().path("samples");
        Answer sheet = api.get(samples.at("/0/url").asText());
        assertThat(sheet.header("Content-Type")).isEqualTo("image/png");
        JsonNode checkpoints = api.get("/api/v1/jobs/learn/checkpoints").json().path("models");
        assertThat(checkpoints.at("/0/epoch").asInt()).isEqualTo(2);
        assertThat(checkpoints.at("/0/metrics/l1").isNumber()).isTrue();
        JsonNode found =
                api.get("/api/v1/models?prefix=" + base.resolve("learn/")).json().path("models");
        assertThat(found).hasSameSizeAs(checkpoints);
        JsonNode finished = api.get("/api/v1/models").json().path("models");
        assertThat(finished).hasSize(1);
        assertThat(finished.at("/0/generator").asText()).endsWith("/learn/generator.pt");
        assertThat(api.get("/api/v1/models?prefix=http://x").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/jobs/learn/results").code()).isEqualTo("OTHER_KIND");
    }

    @Test
    @Order(4)
    void aRunningJobIsPausedResumedAndCancelledAndTheBacklogFollows() {
        assertThat(api.get("/api/v1/backlog/translation").json().path("value").asInt()).isZero();
        api.post("/api/v1/training-jobs", training("long", 5000));
        awaitState("long", "RUNNING");
        assertThat(api.get("/api/v1/backlog/training").json().path("value").asInt()).isOne();
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () ->
                                api.get("/api/v1/jobs/long")
                                                .json()
                                                .at("/progress/secondsLeft")
                                                .asInt()
                                        > 0);
        assertThat(api.post("/api/v1/jobs/long/pause", null).status()).isEqualTo(202);
        JsonNode paused = awaitState("long", "PAUSED");
        assertThat(paused.path("actions").toString()).isEqualTo("[\"resume\",\"cancel\"]");
        assertThat(api.get("/api/v1/backlog/training").json().path("value").asInt()).isZero();
        api.post("/api/v1/jobs/long/resume", null);
        awaitState("long", "RUNNING");
        List<String> changes = new ArrayList<>();
        CompletableFuture<Void> listener =
                CompletableFuture.runAsync(
                        () -> api.events("/api/v1/events", event -> changes.add(event)));
        await().until(() -> !changes.isEmpty());
        assertThat(changes.get(0)).startsWith("jobs {\"jobs\":[{").contains("\"long\"");
        api.post("/api/v1/jobs/long/cancel", null);
        awaitState("long", "CANCELLED");
        assertThat(api.post("/api/v1/jobs/long/cancel", null).status()).isEqualTo(202);
        Answer late = api.post("/api/v1/jobs/long/pause", null);
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.code()).isEqualTo("WRONG_STATE");
        listener.cancel(true);
    }

    @Test
    @Order(5)
    void jobsAreListedNewestFirstFilteredAndPaged() {
        JsonNode all = api.get("/api/v1/jobs").json();
        assertThat(ids(all)).containsExactly("long", "learn", "maps");
        assertThat(all.at("/jobs/0").has("job")).isFalse();
        JsonNode first = api.get("/api/v1/jobs?limit=2").json();
        assertThat(ids(first)).containsExactly("long", "learn");
        assertThat(first.path("total").asInt()).isEqualTo(3);
        JsonNode second =
                api.get("/api/v1/jobs?limit=2&cursor=" + first.path("next").asText()).json();
        assertThat(ids(second)).containsExactly("maps");
        assertThat(second.has("next")).isFalse();
        assertThat(ids(api.get("/api/v1/jobs?kind=translation").json())).containsExactly("maps");
        assertThat(ids(api.get("/api/v1/jobs?state=succeeded,CANCELLED").json()))
                .containsExactly("long", "learn");
        assertThat(ids(api.get("/api/v1/jobs?text=/IN/").json())).containsExactly("maps");
        assertThat(api.get("/api/v1/jobs?state=DANCING").json().path("detail").asText())
                .contains("state must be one of")
                .contains("RUNNING");
        assertThat(api.get("/api/v1/jobs?cursor=xyz").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/jobs?limit=0").status()).isEqualTo(400);
    }

    @Test
    @Order(6)
    void whatHasNotChangedIsNotSentAgain() {
        for (String path : List.of("/api/v1/jobs", "/api/v1/jobs/maps")) {
            Answer first = api.get(path);
            assertThat(first.header("ETag")).isNotEmpty();
            Answer again = api.get(path, "If-None-Match", first.header("ETag"));
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.response().body()).isEmpty();
            assertThat(api.get(path, "If-None-Match", "\"other\"").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @Order(7)
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "translation | {} | $.input $.jobId $.model $.output",
                "translation | {'jobId': 'a b', 'model': {}, 'input': {'uri': 's3://b/'}, 'output': {'uri': 'x'}} | $.jobId $.model.uri $.output.uri",
                "translation | {'jobId': 'x', 'model': {'uri': 's3://b/m'}, 'input': {'uri': 's3://b/', 'side': 'top'}, 'output': {'uri': 's3://b/'}, 'shardSize': 0} | $.input.side $.shardSize",
                "training | {'jobId': 'x', 'dataset': {'uri': 's3://b/'}, 'output': {'uri': 's3://b/'}, 'training': {'loadSize': 32, 'cropSize': 64}} | $.training",
                "training | {'jobId': 'x', 'dataset': {'uri': 's3://b/'}, 'output': {'uri': 's3://b/'}, 'training': {'cropSize': 250}} | $"
            })
    void everyWrongFieldOfAJobIsNamed(String kind, String body, String paths) {
        Answer answer = api.post("/api/v1/%s-jobs".formatted(kind), body.replace('\'', '"'));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        List<String> named = new ArrayList<>();
        answer.json().path("errors").forEach(e -> named.add(e.path("path").asText()));
        assertThat(named).containsExactly(paths.split(" "));
        assertThat(answer.json().path("errors"))
                .allMatch(e -> !e.path("message").asText().isEmpty());
    }

    @ParameterizedTest
    @Order(8)
    @CsvSource({
        "GET,    /api/v1/nothing,                404, NO_SUCH_PATH,           ",
        "GET,    /api/v2/jobs,                   404, NO_SUCH_PATH,           ",
        "GET,    /api/v1/jobs/none,              404, NO_SUCH_JOB,            ",
        "GET,    /api/v1/jobs/none/events,       404, NO_SUCH_JOB,            ",
        "POST,   /api/v1/jobs/none/cancel,       404, NO_SUCH_JOB,            ",
        "DELETE, /api/v1/jobs,                   405, METHOD_NOT_ALLOWED,     ",
        "POST,   /api/v1/translation-jobs,       415, UNSUPPORTED_MEDIA_TYPE, text/plain",
        "POST,   /api/v1/translation-jobs,       400, BAD_REQUEST,            application/json",
        "GET,    /api/v1/jobs?limit=many,        400, BAD_REQUEST,            ",
        "GET,    /api/v1/schemas/none.json,      404, NO_SUCH_SCHEMA,         "
    })
    void errorsAreProblems(String method, String path, int status, String code, String type) {
        Answer answer =
                type == null
                        ? api.ask(method, path, null)
                        : api.ask(method, path, null, "Content-Type", type);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("detail").asText()).isNotEmpty();
    }

    @Test
    @Order(9)
    void pagesOfOtherSitesMayNotSteer() {
        Answer foreign =
                api.post("/api/v1/jobs/maps/cancel", null, "Origin", "https://evil.example");
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(foreign.code()).isEqualTo("FOREIGN_ORIGIN");
        String own = worker.http().toString();
        assertThat(api.post("/api/v1/jobs/long/cancel", null, "Origin", own).status())
                .isEqualTo(202);
    }

    /** A page of a name that its owner has lead to this machine (DNS rebinding). */
    @Test
    @Order(9)
    void namesOfOtherSitesAreNotAnswered() throws Exception {
        URI address = worker.http();
        for (String host : List.of("evil.example", "127.0.0.1.evil.example:8080", "10.0.0.1")) {
            for (String path : List.of("/api/v1/jobs", "/q/metrics", "/q/health/live", "/")) {
                assertThat(status(address, path, host)).as(host + path).startsWith("HTTP/1.1 403 ");
            }
        }
        for (String host : List.of("localhost", address.getAuthority(), "[::1]:8080")) {
            assertThat(status(address, "/api/v1/jobs", host)).as(host).startsWith("HTTP/1.1 200 ");
        }
    }

    /** A published port is a browser's way to a server that listens everywhere. */
    @Test
    @Order(9)
    void whereTheServersNamesAreGivenOthersAreNotAnsweredBeyondLoopbackEither() throws Exception {
        elsewhere.ready();
        URI address = nearby(elsewhere);
        for (String path : List.of("/api/v1/session", "/q/metrics", "/q/health/live")) {
            assertThat(status(address, path, "evil.example")).as(path).startsWith("HTTP/1.1 403 ");
            for (String host : List.of("elsewhere:8080", "localhost", "10.0.0.1:8080")) {
                assertThat(status(address, path, host)).as(host + path).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private static URI nearby(WorkerProcess worker) {
        return URI.create("http://127.0.0.1:" + worker.http().getPort());
    }

    private static String status(URI address, String path, String host) throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            String request = "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.formatted(path, host).getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @Test
    @Order(9)
    void whereNobodyIsAskedEverybodyIsAnOperator() {
        assertThat(api.get("/api/v1/session").json().path("role").asText()).isEqualTo("OPERATOR");
        Answer opened = api.post("/api/v1/session", null);
        assertThat(opened.status()).isEqualTo(200);
        assertThat(opened.header("Set-Cookie")).isEmpty();
        assertThat(api.ask("DELETE", "/api/v1/session", null).status()).isEqualTo(204);
    }

    @Test
    @Order(10)
    void aProcessWithoutACoordinatorSaysSo() {
        elsewhere.ready();
        ApiClient other = new ApiClient(nearby(elsewhere));
        Answer answer = other.get("/api/v1/jobs");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo("NO_COORDINATOR");
    }

    @Test
    @Order(11)
    void contractsAreServed() {
        assertThat(api.get("/api/v1/asyncapi").json().path("asyncapi").asText()).startsWith("3.");
        JsonNode names = api.get("/api/v1/schemas").json().path("schemas");
        assertThat(names).isNotEmpty();
        for (JsonNode name : names) {
            assertThat(api.get("/api/v1/schemas/" + name.asText()).json().path("title").asText())
                    .isNotEmpty();
        }
    }

    @Test
    @Order(12)
    void everyRouteIsDocumentedAndWasAskedForHere() throws Exception {
        Set<String> routes = new TreeSet<>();
        for (Class<?> resource :
                List.of(
                        BacklogResource.class,
                        ContractsResource.class,
                        EventsResource.class,
                        ImagesResource.class,
                        JobResource.class,
                        JobsResource.class,
                        ModelsResource.class,
                        ResultsResource.class,
                        SessionResource.class,
                        SubmissionsResource.class,
                        TrainingResource.class)) {
            String above = resource.getAnnotation(jakarta.ws.rs.Path.class).value();
            for (Method method : resource.getDeclaredMethods()) {
                jakarta.ws.rs.Path below = method.getAnnotation(jakarta.ws.rs.Path.class);
                String path = above + (below == null ? "" : below.value());
                if (method.isAnnotationPresent(GET.class)) {
                    routes.add("GET " + path);
                } else if (method.isAnnotationPresent(POST.class)) {
                    routes.add("POST " + path);
                } else if (method.isAnnotationPresent(DELETE.class)) {
                    routes.add("DELETE " + path);
                }
            }
        }
        assertThat(api.document().operations()).isEqualTo(routes);
        assertThat(new TreeSet<>(api.document().visited())).isEqualTo(routes);
    }

    @Test
    @Order(13)
    void aClientThatKnowsOnlyTheAsyncApiDocumentSubmitsAJobAndReadsItsResults() throws Exception {
        DocumentClient client = new DocumentClient(worker.http().resolve("/api/v1/asyncapi"));
        client.write("translation-jobs", "plain", translation("plain"));
        List<JsonNode> results =
                client.read("translation-results", "plain", values -> values.size() == 8);
        assertThat(results)
                .filteredOn(result -> result.path("outcome").asText().equals("succeeded"))
                .hasSize(7);
        client.write("job-commands", "plain", "{\"jobId\": \"plain\", \"action\": \"cancel\"}");
        List<JsonNode> statuses =
                client.read(
                        "job-status",
                        "plain",
                        values ->
                                !values.isEmpty()
                                        && values.get(values.size() - 1).has("finishedAt"));
        assertThat(statuses.get(statuses.size() - 1).at("/images/total").asInt()).isEqualTo(8);
    }

    private static JsonNode awaitEnd(String jobId) {
        return await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> api.get("/api/v1/jobs/" + jobId).json(), job -> job.has("finishedAt"));
    }

    private static JsonNode awaitState(String jobId, String state) {
        return await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> api.get("/api/v1/jobs/" + jobId).json(),
                        job -> job.path("state").asText().equals(state));
    }

    private static List<String> ids(JsonNode list) {
        List<String> ids = new ArrayList<>();
        list.path("jobs").forEach(job -> ids.add(job.path("jobId").asText()));
        return ids;
    }

    private static String translation(String id) {
        return """
        {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "%s", "side": "left"},
         "output": {"uri": "%s"}, "size": {"width": 32, "height": 32}, "shardSize": 3}
        """
                .formatted(
                        id,
                        base.resolve("generator.pt"),
                        base.resolve("in/"),
                        base.resolve(id + "/"));
    }

    private static String training(String id, int epochs) {
        return """
        {"jobId": "%s", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
         "generator": {"network": "unet_32", "filters": 4},
         "discriminator": {"filters": 4, "layers": 2},
         "training": {"epochs": %d, "decayEpochs": 0, "loadSize": 36, "cropSize": 32},
         "checkpoint": {"everyEpochs": 1000},
         "validation": {"uri": "%s", "everyEpochs": 2000, "samples": 1}}
        """
                .formatted(
                        id,
                        base.resolve("pairs/"),
                        base.resolve(id + "/"),
                        epochs,
                        base.resolve("pairs/"));
    }

    private static void put(String key, byte[] bytes) {
        store.create(base.resolve(key), bytes, "application/octet-stream", Map.of());
    }
}
