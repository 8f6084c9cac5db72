package io.pix2pix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.faults.Fleet.Harm;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.KafkaUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One translation job among faults, from its submission to the settling of its account. */
final class Scenario implements AutoCloseable {
    static final String JOB = "job";
    private static final String STAND_IN = "stand-in";

    /**
     * @param images inputs of the job
     * @param shardSize images a task
     * @param perImage device time an image
     * @param lock after which a silent worker's task goes to another
     */
    record Shape(int images, int shardSize, Duration perImage, Duration lock) {}

    final World world;
    final Random random;
    final Fleet fleet;
    private final String name;
    private final Shape shape;
    private final String prefix;
    private final boolean computed;
    private final Path journal;
    private final KafkaUser user;
    private final Set<String> inputs = new LinkedHashSet<>();
    private final Set<String> poison = new LinkedHashSet<>();
    private Ledger ledger;
    private boolean asDocumented = true;
    private long startNanos;

    /**
     * @param settings of every process, beside and before those that all scenarios have
     * @param application the {@code quarkus-run.jar} that runs
     */
    Scenario(World world, String name, Shape shape, Map<String, String> settings, Path application)
            throws IOException {
        this.world = world;
        this.name = name;
        this.shape = shape;
        this.random = new Random(world.seed);
        this.prefix = name + ".";
        Path folder = Files.createDirectories(Path.of("target", "faults", name));
        this.computed = !settings.getOrDefault("pix2pix.device", STAND_IN).equals(STAND_IN);
        this.journal = world.folder.resolve(name + ".journal");
        this.fleet = new Fleet(application, folder, settings(settings));
        this.user = new KafkaUser(world.bootstrapServers(), prefix);
    }

    private Map<String, String> settings(Map<String, String> more) {
        StorageSettings storage = world.storageWithFaults();
        Map<String, String> s = new HashMap<>();
        s.put("pix2pix.kafka.bootstrap-servers", world.bootstrapServers());
        s.put("pix2pix.storage.endpoint", storage.endpoint().orElseThrow().toString());
        s.put("pix2pix.storage.access-key", storage.accessKey().orElseThrow());
        s.put("pix2pix.storage.secret-key", storage.secretKey().orElseThrow());
        s.put("pix2pix.kafka.prefix", prefix);
        s.put("pix2pix.kafka.lock", shape.lock().toMillis() + "ms");
        s.put("pix2pix.device", STAND_IN);
        s.put("pix2pix.stand-in.per-image", shape.perImage().toMillis() + "ms");
        s.put("pix2pix.tracking.lost-after", "30s");
        s.put("pix2pix.translation.model-cache.directory", world.folder.resolve("models") + "");
        s.put("pix2pix.task.drain", "1s");
        s.put("quarkus.http.port", "0");
        s.put(Patches.JOURNAL_FILE, journal.toString());
        s.putAll(more);
        return s;
    }

    /** Submits a job over the first of the world's inputs. */
    Scenario submit() {
        IntStream.range(0, shape.images())
                .mapToObj(i -> world.uri("in/%05d.png".formatted(i)))
                .forEach(uri -> inputs.add(uri.toString()));
        return submitJob();
    }

    /** Submits a job over the first of the world's inputs and these, all mixed. */
    Scenario submitWith(List<S3Uri> bad) {
        bad.forEach(uri -> poison.add(uri.toString()));
        List<String> mixed = new ArrayList<>(poison);
        for (int i = 0; i < shape.images() - bad.size(); i++) {
            mixed.add(world.uri("in/%05d.png".formatted(i)).toString());
        }
        Collections.shuffle(mixed, random);
        inputs.addAll(mixed);
        return submitJob();
    }

    /** Which shards these inputs are in. */
    Set<Integer> shardsOf(List<S3Uri> uris) {
        List<String> order = List.copyOf(inputs);
        return uris.stream()
                .map(uri -> order.indexOf(uri.toString()) / shape.shardSize())
                .collect(Collectors.toSet());
    }

    private Scenario submitJob() {
        StringBuilder list = new StringBuilder();
        inputs.forEach(uri -> list.append('"').append(uri).append("\"\n"));
        world.put(manifest(), list.toString().getBytes(StandardCharsets.UTF_8));
        startNanos = System.nanoTime();
        writeJob();
        return this;
    }

    /** Writes the job's record; it may come more than once. */
    void writeJob() {
        // The network halves its input five times; the stand-in takes anything.
        int size = computed ? 32 : 16;
        user.write(
                "translation-jobs",
                JOB,
                """
                {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "%s", "manifest": true},
                 "output": {"uri": "%s"}, "size": {"width": %d, "height": %d}, "shardSize": %d}
                """
                        .formatted(
                                JOB,
                                world.uri("g.pt"),
                                manifest(),
                                output(),
                                size,
                                size,
                                shape.shardSize()));
    }

    /** Some of the processes write records that this version's documents do not describe. */
    Scenario ofSeveralVersions() {
        asDocumented = false;
        return this;
    }

    private S3Uri manifest() {
        return world.uri(name + ".jsonl");
    }

    S3Uri output() {
        return world.uri("out/" + name + "/");
    }

    /** Begins to write down what happens; the topics must be there. */
    Scenario watch() {
        ledger = new Ledger(world.bootstrapServers(), prefix);
        return this;
    }

    Ledger ledger() {
        return ledger;
    }

    KafkaUser user() {
        return user;
    }

    String prefix() {
        return prefix;
    }

    /** Whether the worker has begun a task that it has not finished. */
    boolean isAtWork(Fleet.Member worker) {
        return isAtWork(worker, JOB);
    }

    /** The same for a job of another name. */
    boolean isAtWork(Fleet.Member worker, String job) {
        Harm now = new Harm(worker.name(), Harm.Kind.FROZEN, Instant.now());
        return new Takeovers(ledger.events(job)).isAtWork(now);
    }

    /**
     * Sends each so manieth message that a shard is done to the tracker again; returns how many.
     */
    int repeatCompletions(int each) {
        List<ConsumerRecord<String, byte[]>> all =
                ledger.eventRecords().stream()
                        .filter(r -> KafkaUser.header(r, "ce_type").endsWith(".TaskCompleted"))
                        .toList();
        int repeated = 0;
        for (int i = 0; i < all.size(); i += each) {
            user.repeat(all.get(i));
            repeated++;
        }
        return repeated;
    }

    /** Waits so long, or until the job has ended; returns whether it has. */
    boolean endsWithin(Duration time) {
        try {
            return ledger.awaitEnd(JOB, time).state().isTerminal();
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private boolean hasEnded() {
        JobStatus status = ledger.status(JOB);
        return status != null && status.state().isTerminal();
    }

    /** Waits until so many images have a committed result. */
    void awaitDone(long images) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> ledger.done(JOB) >= images || hasEnded());
        assertThat(ledger.done(JOB))
                .describedAs("done when the job ended: %s", ledger.status(JOB))
                .isGreaterThanOrEqualTo(images);
    }

    /** Waits for the job's end and settles the account; it does so too when there is no end. */
    FaultReport settle(Duration patience) {
        var unused = endsWithin(patience);
        JobStatus end = Objects.requireNonNull(ledger.status(JOB), "the job was never heard of");
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
        FaultReport report =
                new Account(world, ledger, inputs, poison, output(), end, computed)
                        .report(
                                name,
                                takeovers(),
                                fleet.harms().size(),
                                translated(),
                                shape.perImage(),
                                took);
        System.out.println(report);
        return report;
    }

    /** Inputs that cannot be translated. */
    Set<String> poison() {
        return poison;
    }

    /** Inputs whose committed result is FAILED. */
    List<String> failed() {
        return ledger.results(JOB).stream()
                .filter(r -> r.outcome() == TranslationResult.Outcome.FAILED)
                .map(TranslationResult::input)
                .toList();
    }

    boolean hasDuplicates() {
        List<TranslationResult> results = ledger.results(JOB);
        return results.stream().map(TranslationResult::input).distinct().count() < results.size();
    }

    boolean hasTranslated(long images) {
        return translated() >= images;
    }

    /** Images that the device has translated, those of dead workers too. */
    long translated() {
        try {
            return Files.exists(journal) ? Files.size(journal) : 0;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<Duration> takeovers() {
        Takeovers takeovers = new Takeovers(ledger.events(JOB));
        return fleet.harms().stream().map(takeovers::after).flatMap(List::stream).toList();
    }

    /** From the harm done to a worker to another's start on each task that it was at. */
    List<Duration> takeovers(Harm harm) {
        return new Takeovers(ledger.events(JOB)).after(harm);
    }

    @Override
    public void close() {
        world.s3.heal();
        fleet.close();
        if (asDocumented) {
            user.close();
        } else {
            user.closeUnchecked();
        }
        if (ledger != null) {
            ledger.close();
        }
    }
}
