package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.local.Ports;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.MarkdownTables;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.OtlpCollector;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a process of all roles tells of a small translation and a small training. */
@Timeout(300)
class ObservabilityIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    /** A sample: its name, its labels. */
    private static final Pattern SAMPLE = Pattern.compile("^(pix2pix_\\w+?)(\\{(.*)})? (\\S+)$");

    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    /** Only of a GPU. */
    private static final Set<String> OF_GPUS =
            Set.of("pix2pix_device_memory_used_bytes", "pix2pix_device_memory_total_bytes");

    private static final String USERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private static WorkerProcess worker;
    private static int port;
    private static String atStart;
    private static String metrics;
    private static List<JsonNode> log;
    private static List<OtlpCollector.Span> spans;
    private static List<ConsumerRecord<String, byte[]>> results;

    /** A metric of the documentation or of the process. */
    private record Metric(String type, Set<String> labels) {}

    @BeforeAll
    static void run(@TempDir Path folder) throws Exception {
        String prefix = STACK.name("observed") + ".";
        S3Uri base = STACK.prefix();
        ObjectStore store = STACK.store();
        Path model = folder.resolve("g.pt");
        Models.small(model, 3, 1);
        store.upload(model, base.resolve("g.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < 5; i++) {
            put(store, base.resolve("in/%d.png".formatted(i)), Pictures.png(64, 64, i));
        }
        put(store, base.resolve("in/empty.png"), new byte[0]);
        for (int i = 0; i < 4; i++) {
            put(store, base.resolve("pairs/%d.png".formatted(i)), Pictures.png(72, 36, i));
        }
        port = Ports.free();
        OtlpCollector collector = new OtlpCollector();
        worker =
                WorkerProcess.start(
                                STACK,
                                Map.of(
                                        "pix2pix.kafka.prefix",
                                        prefix,
                                        "pix2pix.health.interval",
                                        "1s",
                                        "pix2pix.tracing.endpoint",
                                        collector.endpoint().toString(),
                                        "quarkus.http.port",
                                        Integer.toString(port),
                                        "quarkus.log.console.json.enabled",
                                        "true",
                                        // Says on which thread each request is sent.
                                        "quarkus.log.category.\"software.amazon.awssdk.request\".level",
                                        "DEBUG"))
                        .ready();
        try (KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix)) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> get("/q/health/ready").statusCode() == 200);
            atStart = get("/q/metrics").body();
            user.write("translation-jobs", "garbage", "{not json");
            user.write(
                    "translation-jobs",
                    "translated",
                    """
                    {"jobId": "translated", "model": {"uri": "%s"}, "input": {"uri": "%s"},
                     "output": {"uri": "%s"}, "size": {"width": 64, "height": 64}, "shardSize": 4}
                    """
                            .formatted(
                                    base.resolve("g.pt"),
                                    base.resolve("in/"),
                                    base.resolve("out/")));
            user.write(
                    "training-jobs",
                    "trained",
                    """
                    {"jobId": "trained", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
                     "generator": {"network": "unet_32", "filters": 4},
                     "discriminator": {"filters": 4, "layers": 2},
                     "training": {"epochs": 2, "decayEpochs": 0, "loadSize": 36, "cropSize": 32},
                     "validation": {"uri": "%s", "everyEpochs": 1, "samples": 1}}
                    """
                            .formatted(
                                    base.resolve("pairs/"),
                                    base.resolve("trained/"),
                                    base.resolve("pairs/")),
                    Map.of("traceparent", "00-" + USERS_TRACE + "-00f067aa0ba902b7-01"));
            assertThat(user.awaitEnd("translated").state())
                    .isEqualTo(State.COMPLETED_WITH_FAILURES);
            assertThat(user.awaitEnd("trained").state()).isEqualTo(State.SUCCEEDED);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> {
                                metrics = get("/q/metrics").body();
                                assertThat(value("pix2pix_jobs_ended_total", "kind", "training"))
                                        .isEqualTo(1);
                                assertThat(value("pix2pix_tasks_active", "kind", "report"))
                                        .isZero();
                                assertThat(value("pix2pix_tasks_active", "kind", "training"))
                                        .isZero();
                                assertThat(value("pix2pix_tasks_running")).isZero();
                            });
            results = user.read("translation-results");
        }
        assertThat(worker.terminate(Duration.ofSeconds(30))).isZero();
        spans = collector.spans();
        collector.close();
        log = worker.log().lines().map(ObservabilityIT::json).toList();
    }

    @AfterAll
    static void stop() throws IOException {
        if (worker != null) {
            worker.close();
        }
    }

    @Test
    void theDocumentedMetricsAreThoseThatAreExported() {
        Map<String, Metric> expected = new TreeMap<>(documented(false));
        expected.keySet().removeAll(OF_GPUS);
        assertThat(exported(metrics)).containsExactlyEntriesOf(expected);
    }

    @Test
    void whatIsToBeAskedForIsThereBeforeThereIsWork() {
        Set<String> expected = new TreeSet<>(documented(true).keySet());
        expected.removeAll(OF_GPUS);
        assertThat(exported(atStart).keySet()).containsAll(expected);
    }

    @Test
    void theMetricsTellOfTheWork() {
        assertThat(value("pix2pix_images_total", "outcome", "succeeded")).isEqualTo(5);
        assertThat(value("pix2pix_images_total", "outcome", "failed")).isEqualTo(1);
        assertThat(value("pix2pix_image_failures_total", "code", "EMPTY_FILE")).isEqualTo(1);
        assertThat(value("pix2pix_images_in_flight")).isZero();
        assertThat(value("pix2pix_image_step_seconds_count", "step", "encode")).isEqualTo(5);
        assertThat(value("pix2pix_batch_images_sum")).isEqualTo(5);
        assertThat(value("pix2pix_tasks_total", "kind", "translation")).isEqualTo(2);
        assertThat(value("pix2pix_task_seconds_count", "kind", "training")).isEqualTo(1);
        assertThat(value("pix2pix_jobs_ended_total", "state", "completed_with_failures"))
                .isEqualTo(1);
        assertThat(value("pix2pix_dead_letters_total", "code", "INVALID_JOB")).isEqualTo(1);
        assertThat(value("pix2pix_training_step_seconds_count")).isEqualTo(8);
        assertThat(value("pix2pix_training_images_total")).isEqualTo(8);
        assertThat(value("pix2pix_training_epochs_total")).isEqualTo(2);
        assertThat(value("pix2pix_checkpoint_write_seconds_count")).isPositive();
        assertThat(value("pix2pix_checkpoint_age_seconds")).isZero();
        assertThat(value("pix2pix_model_load_seconds_count")).isEqualTo(1);
        assertThat(value("pix2pix_models_loaded")).isEqualTo(1);
        assertThat(value("pix2pix_device_busy_seconds_total", "work", "translation")).isPositive();
        assertThat(value("pix2pix_device_busy_seconds_total", "work", "training")).isPositive();
        assertThat(value("pix2pix_backlog_tasks")).isZero();
        assertThat(value("pix2pix_oldest_pending_task_age_seconds")).isZero();
        assertThat(value("pix2pix_tracker_running")).isEqualTo(1);
        assertThat(value("pix2pix_memory_resident_bytes")).isGreaterThan(1 << 26);
        assertThat(value("pix2pix_storage_request_seconds_count", "access", "write")).isPositive();
    }

    @Test
    void aResultLeadsToItsTasksTraceAndByALinkToItsJobs() {
        assertThat(results).hasSize(6);
        for (ConsumerRecord<String, byte[]> result : results) {
            OtlpCollector.Span task = span(KafkaUser.header(result, "traceparent"));
            assertThat(task.name()).isEqualTo("translation");
            assertThat(task.parentId()).isEmpty();
            assertThat(task.attributes())
                    .containsEntry("pix2pix.job.id", "translated")
                    .containsEntry("pix2pix.outcome", "completed")
                    .containsEntry("pix2pix.attempt", "1");
            assertThat(task.links()).hasSize(1);
            OtlpCollector.Span job = span("00-" + task.links().get(0) + "-01");
            assertThat(job.name()).isEqualTo("translation-plan");
            assertThat(job.traceId()).isNotEqualTo(task.traceId());
            assertThat(job.attributes()).containsEntry("pix2pix.job.id", "translated");
        }
    }

    @Test
    void aTrainingGoesOnWithTheTraceThatItsUserBegan() {
        OtlpCollector.Span plan = only("training-plan");
        assertThat(plan.traceId()).isEqualTo(USERS_TRACE);
        assertThat(plan.parentId()).isEqualTo("00f067aa0ba902b7");
        assertThat(only("training").links()).containsExactly(plan.context());
    }

    @Test
    void ofTheImagesThoseThatFailedAreInTheTraces() {
        OtlpCollector.Span image = only("image");
        assertThat(image.failed()).isTrue();
        assertThat(image.attributes().get("pix2pix.image")).endsWith("in/empty.png");
        assertThat(spans.stream().filter(s -> s.spanId().equals(image.parentId())))
                .singleElement()
                .satisfies(parent -> assertThat(parent.name()).isEqualTo("translation"));
    }

    private static OtlpCollector.Span only(String name) {
        List<OtlpCollector.Span> found =
                spans.stream().filter(span -> span.name().equals(name)).toList();
        assertThat(found).describedAs(spans.toString()).hasSize(1);
        return found.get(0);
    }

    private static OtlpCollector.Span span(String traceparent) {
        return spans.stream()
                .filter(span -> traceparent.equals("00-" + span.context() + "-01"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No span " + traceparent + " in " + spans));
    }

    @Test
    void noLabelNamesAJob() {
        assertThat(metrics).doesNotContain("translated").doesNotContain("trained\"");
    }

    @Test
    void eachLineOfTheLogIsJsonAndNamesTheJobAndTheTaskItIsAbout() {
        assertThat(on("translation-io-"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(subject(line)).matches("translated/[01]"));
        assertThat(on("translator-").stream().map(ObservabilityIT::subject))
                .contains("translated/0", "translated/1");
        assertThat(on("trainer").stream().map(ObservabilityIT::subject)).contains("trained/0");
        assertThat(on("checkpoint-writer"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(subject(line)).isEqualTo("trained/0"));
        assertThat(on("planner-").stream().map(ObservabilityIT::subject))
                .contains("translated/plan");
        assertThat(on("reports").stream().map(ObservabilityIT::subject))
                .contains("translated/report");
        assertThat(on("health")).allSatisfy(line -> assertThat(subject(line)).isEqualTo("/"));
    }

    private static List<JsonNode> on(String thread) {
        return log.stream()
                .filter(line -> line.path("threadName").asText().startsWith(thread))
                .filter(line -> !line.path("threadName").asText().endsWith("-queue"))
                .toList();
    }

    private static String subject(JsonNode line) {
        JsonNode mdc = line.path("mdc");
        return mdc.path("jobId").asText() + "/" + mdc.path("task").asText();
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("No JSON: " + line, e);
        }
    }

    private static Map<String, Metric> documented(boolean atStart) {
        Map<String, Metric> found = new TreeMap<>();
        for (List<String> row : MarkdownTables.rows(Path.of("docs", "metrics.md"))) {
            boolean later = row.get(0).endsWith("*");
            if (row.get(0).startsWith("`pix2pix_") && !(atStart && later)) {
                Set<String> labels =
                        Arrays.stream(row.get(2).replace("`", "").split(", "))
                                .filter(label -> !label.isEmpty())
                                .collect(Collectors.toCollection(TreeSet::new));
                String type = row.get(1).equals("timer") ? "summary" : row.get(1);
                String name = row.get(0).replace("`", "").replace("*", "").strip();
                assertThat(found.put(name, new Metric(type, labels))).isNull();
            }
        }
        return found;
    }

    /** By name; a histogram is one metric, and its maximum is none of its own. */
    private static Map<String, Metric> exported(String text) {
        Map<String, Metric> found = new TreeMap<>();
        text.lines()
                .filter(line -> line.startsWith("# TYPE pix2pix_") && !line.contains("_max gauge"))
                .map(line -> line.split(" "))
                .forEach(type -> found.put(type[2], new Metric(type[3], new TreeSet<>())));
        text.lines()
                .map(SAMPLE::matcher)
                .filter(Matcher::matches)
                .forEach(
                        sample -> {
                            String name = sample.group(1);
                            Metric metric =
                                    found.getOrDefault(
                                            name,
                                            found.get(
                                                    name.replaceAll(
                                                            "_(bucket|count|sum|max)$", "")));
                            assertThat(metric).describedAs(name).isNotNull();
                            metric.labels().addAll(labels(sample).keySet());
                            metric.labels().remove("le");
                        });
        return found;
    }

    private static Map<String, String> labels(Matcher sample) {
        Map<String, String> labels = new HashMap<>();
        if (sample.group(3) != null) {
            Matcher label = LABEL.matcher(sample.group(3));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
        }
        return labels;
    }

    /** The sum over all of a metric's series with such a label. */
    private static double value(String name, String... label) {
        List<Double> values =
                metrics.lines()
                        .map(SAMPLE::matcher)
                        .filter(Matcher::matches)
                        .filter(sample -> sample.group(1).equals(name))
                        .filter(
                                sample ->
                                        label.length == 0
                                                || label[1].equals(labels(sample).get(label[0])))
                        .map(sample -> Double.valueOf(sample.group(4)))
                        .toList();
        assertThat(values).describedAs(name + " " + Arrays.toString(label)).isNotEmpty();
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static void put(ObjectStore store, S3Uri uri, byte[] bytes) {
        store.create(uri, bytes, "application/octet-stream", Map.of());
    }

    private static HttpResponse<String> get(String path) {
        URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(uri)
                                    .header("Accept", "text/plain")
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(worker.log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
