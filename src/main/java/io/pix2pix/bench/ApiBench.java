package io.pix2pix.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Format;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Input;
import io.pix2pix.event.TranslationJob.Model;
import io.pix2pix.event.TranslationJob.Output;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.local.LocalStack;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.messaging.Topics;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.translation.JobLayout;
import io.pix2pix.worker.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * How fast a coordinator answers when it knows many jobs, one of them of a million images: a real
 * one in a process of its own, whose tracker made every status, asked over HTTP one request at a
 * time while statuses keep changing.
 */
public final class ApiBench {
    /**
     * What to measure.
     *
     * @param jobs how many, beside the large one
     * @param images of the large one
     * @param rounds requests of each kind of which the median counts
     */
    public record Plan(int jobs, int images, int rounds) {}

    /** Starts a coordinator with these settings; says where it answers. */
    @FunctionalInterface
    public interface Starter {
        Running start(Map<String, String> settings) throws Exception;
    }

    /** A coordinator. */
    public interface Running extends AutoCloseable {
        URI uri();

        @Override
        void close();
    }

    private static final String LARGE = "large";
    private static final int WARM_UP = 20;
    private static final int CHANGES_A_SECOND = 50;
    private static final int SHARDS_WRITTEN = 20;

    private final Plan plan;
    private final Path folder;
    private final PrintWriter out;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * @param folder for the servers' data; may be deleted afterwards
     */
    public ApiBench(Plan plan, Path folder, PrintWriter out) {
        this.plan = plan;
        this.folder = folder;
        this.out = out;
    }

    /** Measures and prints a table. */
    public void run(Starter starter) throws Exception {
        try (LocalStack stack =
                LocalStack.embed(
                        LocalStack.Settings.onFreePorts(folder.resolve("stack")), out::println)) {
            Map<String, String> values = new HashMap<>(JobClient.values(stack, folder));
            values.put("pix2pix.roles", "coordinator");
            // The jobs are told to the tracker as if they had been planned.
            values.put("pix2pix.task.planners", "0");
            Settings settings = new Settings(values);
            Clients clients = new Clients(settings.messaging());
            new Topics(clients).ensure();
            try (ObjectStore store = new ObjectStore(settings.storage());
                    Publisher publisher = new Publisher(clients, Clock.systemUTC(), "bench");
                    Running coordinator = starter.start(values)) {
                fill(publisher);
                write(store);
                awaitAll(clients);
                measure(coordinator.uri(), publisher);
            }
        }
    }

    private void fill(Publisher publisher) {
        long begin = System.nanoTime();
        IntStream.range(0, plan.jobs())
                .parallel()
                .forEach(
                        i -> {
                            TranslationJob job = job("job-%05d".formatted(i));
                            publisher.submit(job);
                            String digest = Json.digest(job);
                            publisher.progress(
                                    new TaskEvent.JobSubmitted(
                                            job.jobId(), digest, job, Instant.now()));
                            publisher.progress(end(job.jobId(), digest, i));
                        });
        TranslationJob large = job(LARGE);
        publisher.submit(large);
        String digest = Json.digest(large);
        publisher.event(new TaskEvent.JobSubmitted(LARGE, digest, large, Instant.now()));
        for (int shard = 0; shard < shards(); shard++) {
            publisher.progress(new TaskEvent.ShardPlanned(LARGE, digest, shard, large.shardSize()));
        }
        publisher.event(new TaskEvent.PlanCompleted(LARGE, digest, shards(), plan.images()));
        out.printf(
                "Told of %,d jobs in %.0f s%n", plan.jobs() + 1, (System.nanoTime() - begin) / 1e9);
        out.flush();
    }

    /** One in a hundred runs, the others have ended in either way. */
    private static TaskEvent end(String jobId, String digest, int i) {
        if (i % 100 == 0) {
            return new TaskEvent.ShardPlanned(jobId, digest, 0, 256);
        } else if (i % 2 == 0) {
            return new TaskEvent.CommandReceived(jobId, Action.CANCEL, Instant.now());
        }
        Failure failure = Failure.permanent(Stage.PLAN, "NO_INPUT", "No input image below it");
        return new TaskEvent.JobRejected(jobId, Kind.TRANSLATION, digest, failure);
    }

    /** Manifests and results of the large job's first shards, and of one in its middle. */
    private void write(ObjectStore store) {
        JobLayout layout = JobLayout.of(job(LARGE));
        IntStream.concat(IntStream.range(0, SHARDS_WRITTEN), IntStream.of(shards() / 2))
                .distinct()
                .parallel()
                .forEach(
                        shard -> {
                            int size = TranslationJob.DEFAULT_SHARD_SIZE;
                            List<Object> inputs = new ArrayList<>();
                            List<Object> results = new ArrayList<>();
                            for (int i = 0; i < size; i++) {
                                String name = "%07d".formatted(shard * size + i);
                                String input = "s3://pix2pix/bench/in/%s.jpg".formatted(name);
                                String output = "s3://pix2pix/bench/large/%s.png".formatted(name);
                                inputs.add(new ManifestEntry(input, "etag", 100_000, output, null));
                                results.add(result(shard, i, input, output));
                            }
                            inputs.set(size - 1, last(inputs.get(size - 1)));
                            put(store, layout.manifest(shard), inputs);
                            put(store, layout.results(shard), results);
                        });
    }

    private static Object last(Object entry) {
        ObjectNode line = Json.mapper().<ObjectNode>valueToTree(entry);
        line.putObject("cursor").put("last", false).putArray("openKeys");
        return line;
    }

    private static TranslationResult result(int shard, int index, String input, String output) {
        return new TranslationResult(
                LARGE,
                shard,
                index,
                Outcome.SUCCEEDED,
                input,
                "etag",
                output,
                256,
                256,
                120_000,
                null,
                1,
                "worker-1/0",
                Instant.now());
    }

    private static void put(ObjectStore store, S3Uri uri, List<Object> lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Object line : lines) {
            bytes.writeBytes(Json.write(line));
            bytes.write('\n');
        }
        store.create(uri, bytes.toByteArray(), "application/x-ndjson", Map.of());
    }

    /** Until the tracker has published the status of the last job, and of all the others. */
    private void awaitAll(Clients clients) throws InterruptedException {
        try (StatusFollower statuses = new StatusFollower(clients).start()) {
            while (statuses.statuses().size() <= plan.jobs()
                    || !statuses.status(LARGE).map(s -> s.planned()).orElse(false)) {
                Thread.sleep(200);
            }
        }
    }

    private void measure(URI base, Publisher publisher) throws Exception {
        awaitReady(base);
        Map<String, String> requests = new LinkedHashMap<>();
        requests.put("list, first page (50)", "/api/v1/jobs");
        requests.put("list, first page (500)", "/api/v1/jobs?limit=500");
        requests.put("list, running ones", "/api/v1/jobs?state=RUNNING");
        requests.put("list, text that few have", "/api/v1/jobs?text=JOB-0777");
        requests.put("list, text that none has", "/api/v1/jobs?text=no-such-text");
        requests.put("list, last page", "/api/v1/jobs?cursor=" + lastCursor(base));
        requests.put("the large job", "/api/v1/jobs/" + LARGE);
        requests.put("backlog", "/api/v1/backlog/translation");
        requests.put(
                "its images, 50 from the middle",
                "/api/v1/jobs/%s/images?offset=%d".formatted(LARGE, shards() / 2 * 256L));
        requests.put("its results, first page", "/api/v1/jobs/%s/results".formatted(LARGE));
        requests.put(
                "its failures while it runs, 16 shards read",
                "/api/v1/jobs/%s/failures".formatted(LARGE));
        out.printf("%n%-44s %9s %9s %9s%n", "", "median ms", "95 % ms", "KB");
        ScheduledExecutorService changes = Executors.newSingleThreadScheduledExecutor();
        try {
            int[] change = {0};
            var unused =
                    changes.scheduleAtFixedRate(
                            () -> change(publisher, change[0]++),
                            0,
                            1_000_000 / CHANGES_A_SECOND,
                            TimeUnit.MICROSECONDS);
            for (Map.Entry<String, String> request : requests.entrySet()) {
                measure(request.getKey(), base.resolve(request.getValue()));
            }
        } finally {
            changes.shutdownNow();
        }
        out.printf(
                "%nmedian of %d requests, one at a time; %,d jobs, one of %,d images; %d statuses change a second; %d cores%n",
                plan.rounds(),
                plan.jobs() + 1,
                plan.images(),
                CHANGES_A_SECOND,
                Runtime.getRuntime().availableProcessors());
        out.flush();
    }

    /** One of the jobs that run is paused or goes on. */
    private void change(Publisher publisher, int i) {
        String jobId = "job-%05d".formatted(i / 2 * 100 % plan.jobs());
        Action action = i % 2 == 0 ? Action.PAUSE : Action.RESUME;
        publisher.progress(new TaskEvent.CommandReceived(jobId, action, Instant.now()));
    }

    private void measure(String name, URI uri) throws Exception {
        long[] nanos = new long[plan.rounds()];
        int bytes = 0;
        for (int i = -WARM_UP; i < plan.rounds(); i++) {
            long begin = System.nanoTime();
            bytes = get(uri).body().length;
            if (i >= 0) {
                nanos[i] = System.nanoTime() - begin;
            }
        }
        Arrays.sort(nanos);
        out.printf(
                "%-44s %9.1f %9.1f %9.1f%n",
                name,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 95 / 100] / 1e6,
                bytes / 1e3);
        out.flush();
    }

    private String lastCursor(URI base) throws Exception {
        String cursor = "";
        while (true) {
            URI page =
                    base.resolve(
                            "/api/v1/jobs?limit=500"
                                    + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
            String next = Json.mapper().readTree(get(page).body()).path("next").asText();
            if (next.isEmpty()) {
                return cursor;
            }
            cursor = next;
        }
    }

    private void awaitReady(URI base) throws Exception {
        URI backlog = base.resolve("/api/v1/backlog/translation");
        while (http.send(HttpRequest.newBuilder(backlog).build(), BodyHandlers.ofString())
                        .statusCode()
                != 200) {
            Thread.sleep(200);
        }
    }

    private HttpResponse<byte[]> get(URI uri) throws Exception {
        HttpResponse<byte[]> answer =
                http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException(uri + " answered " + answer.statusCode());
        }
        return answer;
    }

    private int shards() {
        return (plan.images() - 1) / TranslationJob.DEFAULT_SHARD_SIZE + 1;
    }

    private static TranslationJob job(String id) {
        return new TranslationJob(
                id,
                new Model("s3://pix2pix/bench/generator.pt", null),
                new Input("s3://pix2pix/bench/in/", List.of(), List.of(), Side.WHOLE, false),
                new Output("s3://pix2pix/bench/" + id + "/", Format.PNG, 95, IfExists.SKIP),
                new Size(Size.Mode.RESIZE, 256, 256),
                TranslationJob.DEFAULT_SHARD_SIZE);
    }
}
