package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.Generator;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Side;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/** A worker with one device over a real store, and what a test puts there. */
public final class Workplace implements AutoCloseable {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2025-05-05T05:05:05Z"), ZoneOffset.UTC);

    /** Goes on to the end. */
    static final TaskControl GO_ON =
            new TaskControl() {
                @Override
                public boolean stopRequested() {
                    return false;
                }

                @Override
                public void progress(int done) {}
            };

    record Config(OptionalInt batchSize, OptionalInt imagesInFlight) implements TranslationConfig {
        @Override
        public OptionalLong bytesInFlight() {
            return OptionalLong.empty();
        }

        @Override
        public int ioThreads() {
            return 8;
        }

        @Override
        public OptionalInt codecThreads() {
            return OptionalInt.of(2);
        }

        @Override
        public long maxImageBytes() {
            return 1 << 20;
        }

        @Override
        public long maxImagePixels() {
            return 1_000_000;
        }

        @Override
        public long maxImagesPerJob() {
            return Long.MAX_VALUE;
        }

        @Override
        public ModelCacheConfig modelCache() {
            throw new UnsupportedOperationException();
        }
    }

    private final ObjectStore store;
    private final S3Uri prefix;
    private final Path models;
    private final TranslationExecutors executors;
    private final TranslationDevice device;
    private final Config config;

    /**
     * @param prefix this test's own
     */
    public Workplace(ObjectStore store, S3Uri prefix, Generator generator, int batch, int inFlight)
            throws IOException {
        this(store, prefix, generator, batch, inFlight, true, DeviceHealth.trusting("test"));
    }

    Workplace(
            ObjectStore store,
            S3Uri prefix,
            Generator generator,
            int batch,
            int inFlight,
            DeviceHealth health)
            throws IOException {
        this(store, prefix, generator, batch, inFlight, true, health);
    }

    Workplace(
            ObjectStore store,
            S3Uri prefix,
            Generator generator,
            int batch,
            int inFlight,
            boolean putsModel)
            throws IOException {
        this(store, prefix, generator, batch, inFlight, putsModel, DeviceHealth.trusting("test"));
    }

    /**
     * @param putsModel whether the model is not there yet
     */
    private Workplace(
            ObjectStore store,
            S3Uri prefix,
            Generator generator,
            int batch,
            int inFlight,
            boolean putsModel,
            DeviceHealth health)
            throws IOException {
        this.store = store;
        this.prefix = prefix;
        this.models = Files.createTempDirectory("pix2pix-models");
        this.config = new Config(OptionalInt.of(batch), OptionalInt.of(inFlight));
        this.executors = new TranslationExecutors(config);
        ModelFiles files = new ModelFiles(store, models, 1 << 20, CLOCK);
        this.device =
                new TranslationDevice(
                        "test", batch, new ModelCache(files, (file, n) -> generator, 1), health);
        if (putsModel) {
            put("model.pt", new byte[] {1, 2, 3});
        }
    }

    ObjectStore store() {
        return store;
    }

    S3Uri inputs() {
        return prefix.resolve("in/");
    }

    S3Uri outputs() {
        return prefix.resolve("out/");
    }

    S3Uri put(String below, byte[] content) {
        S3Uri uri = prefix.resolve(below);
        store.create(uri, content, "application/octet-stream", Map.of());
        return uri;
    }

    S3Uri putImage(String below, int width, int height, long seed) {
        return put("in/" + below, Encoder.png(image(width, height, seed)));
    }

    static Pixels image(int width, int height, long seed) {
        byte[] samples = new byte[width * height * 3];
        new Random(seed).nextBytes(samples);
        return Pixels.of8(width, height, 3, samples);
    }

    byte[] read(S3Uri uri) {
        return store.read(uri, 1 << 24).bytes();
    }

    /** Keys of outputs below the output prefix, bookkeeping aside. */
    List<String> outputKeys() {
        try (Stream<StoredObject> objects = store.list(outputs(), null)) {
            return objects.map(o -> o.uri().key().substring(outputs().key().length()))
                    .filter(key -> !JobLayout.isBookkeeping(key))
                    .toList();
        }
    }

    public TranslationJob job(String id) {
        return job(id, IfExists.SKIP, new Size(Size.Mode.PAD, 0, 0), 256);
    }

    TranslationJob job(String id, IfExists ifExists, Size size, int shardSize) {
        return new TranslationJob(
                id,
                new TranslationJob.Model(prefix.resolve("model.pt").toString(), null),
                new TranslationJob.Input(
                        inputs().toString(), List.of(), List.of(), Side.WHOLE, false),
                new TranslationJob.Output(
                        outputs().toString(), TranslationJob.Format.PNG, 0, ifExists),
                size,
                shardSize);
    }

    /** Plans the job; gives the task of a shard. */
    public TranslationTask planned(TranslationJob job, int shard) {
        new Planner(store, Long.MAX_VALUE).plan(job, "digest of " + job.jobId(), (s, images) -> {});
        return task(job, shard);
    }

    TranslationTask task(TranslationJob job, int shard) {
        Manifest manifest = new Manifest(store, JobLayout.of(job));
        return new TranslationTask(
                job.jobId(), shard, manifest.read(shard).entries().size(), 1, null, job);
    }

    /** The worker, whose results are a second younger with each new name. */
    public ShardTranslator translator(String worker) {
        Clock clock = Clock.offset(CLOCK, Duration.ofSeconds(worker.length()));
        return new ShardTranslator(store, executors, device, config, worker, clock);
    }

    /** So many careful attempts begin whose workers die at once. */
    public void tryCarefully(TranslationTask task, int attempts) {
        for (int i = 0; i < attempts; i++) {
            new CarefulAttempts(store, task).begin();
        }
    }

    ShardOutcome translate(TranslationTask task, int attempt) {
        return translator("w").translate(task, attempt, GO_ON);
    }

    /** Images of 12 x 8 pixels, image-00.png and so on. */
    public void putImages(int count) {
        for (int i = 0; i < count; i++) {
            putImage("image-%02d.png".formatted(i), 12, 8, i);
        }
    }

    /** The result's output is what {@link Inverter} makes of its input, which it takes as it is. */
    void assertInverted(TranslationResult result) {
        Decoder decoder = new Decoder();
        Pixels input = decoder.decode(read(S3Uri.parse(result.input())), 3);
        S3Uri uri = S3Uri.parse(Objects.requireNonNull(result.output()));
        Pixels output = decoder.decode(read(uri), 3);
        assertThat(output.toString()).isEqualTo(input.toString());
        assertThat(output.bytes()).isEqualTo(Inverter.inverted(input).bytes());
    }

    TranslationDevice device() {
        return device;
    }

    Optional<StoredObject> head(S3Uri uri) {
        return store.head(uri);
    }

    @Override
    public void close() throws IOException {
        device.close();
        executors.close();
        Folders.delete(models);
    }
}
