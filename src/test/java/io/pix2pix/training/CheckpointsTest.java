package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingState;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.AbandonedUpload;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.SmallDisk;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.training.Checkpoints.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CheckpointsTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final Instant NOW = Instant.parse("2026-05-04T03:02:01Z");

    @TempDir Path scratch;

    private ObjectStore store;
    private S3Uri output;
    private TrainingJob job;
    private Checkpoints checkpoints;

    @BeforeEach
    void open() {
        store = STACK.store();
        output = STACK.prefix();
        job = Trainings.job("one", output);
        checkpoints = checkpoints(job, "first");
    }

    @Test
    void goesOnWithExactlyWhatWasSaved() {
        TrainingState state = Trainings.state(job, 1, 45);
        Progress progress = Trainings.within(1, 5);

        Found saved = checkpoints.save(state, progress);
        Found newest = checkpoints.newest().orElseThrow();
        CheckpointReader.Loaded loaded = load(newest.uri());

        assertThat(saved.uri()).isEqualTo(output.resolve("checkpoints/e0001-s00000045/"));
        assertThat(newest).isEqualTo(saved);
        assertThat(loaded.info()).isEqualTo(saved.info());
        assertThat(loaded.info().progress()).isEqualTo(progress);
        assertThat(loaded.info().job()).isEqualTo(job);
        assertThat(loaded.info().worker()).isEqualTo("first");
        assertThat(loaded.info().createdAt()).isEqualTo(NOW);
        assertSame(loaded.state(), state);
        assertThat(names())
                .containsExactly(
                        "e0001-s00000045/checkpoint.json",
                        "e0001-s00000045/generator.pt",
                        "e0001-s00000045/training.safetensors");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void keepsTheBestValidationToTheBit() {
        checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));

        assertThat(checkpoints.newest().orElseThrow().info().progress())
                .isEqualTo(Trainings.after(1));
    }

    @Test
    void writesEqualStatesAsEqualFiles() {
        TrainingJob other = Trainings.job("two", STACK.prefix());
        Found a = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        Found b =
                checkpoints(other, "second")
                        .save(Trainings.state(other, 1, 40), Trainings.within(0, 39));

        assertThat(a.info().training()).isEqualTo(b.info().training());
        assertThat(read(a, "training.safetensors")).isEqualTo(read(b, "training.safetensors"));
        assertThat(a.info().generator()).isEqualTo(b.info().generator());
        assertThat(read(a, "generator.pt")).isEqualTo(read(b, "generator.pt"));
    }

    @Test
    void writesTheGeneratorForTheStatisticsItWasTrainedWith() {
        assertThat(statistics("{}")).isEqualTo(Statistics.INSTANCE);
        assertThat(statistics("{\"training\": {\"batchSize\": 4}}")).isEqualTo(Statistics.RUNNING);
        assertThat(
                        statistics(
                                "{\"training\": {\"batchSize\": 4}, \"generator\": {\"norm\": \"instance\"}}"))
                .isEqualTo(Statistics.INSTANCE);
    }

    private Statistics statistics(String setting) {
        TrainingJob other = Trainings.job("one", STACK.prefix(), setting);
        Found saved =
                checkpoints(other, "first").save(Trainings.state(other, 1, 40), Trainings.after(1));
        Path file = scratch.resolve("generator.pt");
        store.download(saved.generator(), file);
        GeneratorArchive.Description description = GeneratorArchive.describe(file).orElseThrow();
        assertThat(GeneratorArchive.read(file, description).state())
                .hasSameSizeAs(Trainings.state(other, 1, 40).generator());
        return description.statistics();
    }

    @Test
    void takesTheHalfWrittenForNone() {
        Found older = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        Found newer = checkpoints.save(Trainings.state(job, 2, 80), Trainings.after(2));
        store.delete(newer.uri().resolve("checkpoint.json"));

        assertThat(checkpoints.newest()).contains(older);
        assertFails("CHECKPOINT_INCOMPLETE", () -> load(newer.uri())).contains("checkpoint.json");
    }

    @Test
    void finishesWhatAnotherBeganWithTheSameState() {
        TrainingState state = Trainings.state(job, 1, 40);
        Found begun = checkpoints(job, "dead").save(state, Trainings.after(1));
        store.delete(begun.uri().resolve("checkpoint.json"));

        Found saved = checkpoints.save(state, Trainings.after(1));

        assertThat(saved.info().worker()).isEqualTo("first");
        assertThat(saved.info().training().name()).isEqualTo("training.safetensors");
        assertSame(load(saved.uri()).state(), state);
    }

    @Test
    void writesBesideWhatAnotherBeganWithAnotherState() {
        Found begun =
                checkpoints(job, "dead").save(Trainings.state(job, 7, 40), Trainings.after(1));
        store.delete(begun.uri().resolve("checkpoint.json"));
        TrainingState state = Trainings.state(job, 1, 40);

        Found saved = checkpoints.save(state, Trainings.after(1));

        assertThat(saved.info().training().name()).matches("training-[0-9a-f]{12}.safetensors");
        assertSame(load(saved.uri()).state(), state);
        assertThat(store.head(saved.generator())).isPresent();
    }

    @Test
    void takesTheHalfDeletedForNone() {
        Found older = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        Found newer = checkpoints.save(Trainings.state(job, 2, 80), Trainings.after(2));
        store.delete(newer.uri().resolve("training.safetensors"));

        assertThat(checkpoints.newest()).contains(older);
        assertFails("CHECKPOINT_INCOMPLETE", () -> load(newer.uri()))
                .contains(newer.uri() + "training.safetensors");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void mendsWhatSomebodyDeletedFrom() {
        TrainingState state = Trainings.state(job, 1, 40);
        Found damaged = checkpoints.save(Trainings.state(job, 7, 40), Trainings.after(1));
        store.delete(damaged.uri().resolve("training.safetensors"));

        Found mended = checkpoints(job, "second").save(state, Trainings.after(1));

        assertThat(mended.info().worker()).isEqualTo("second");
        assertThat(checkpoints.newest()).contains(mended);
        assertSame(load(mended.uri()).state(), state);
        assertFails("FENCED", () -> checkpoints.save(state(8), Trainings.after(1)));
    }

    private TrainingState state(long seed) {
        return Trainings.state(job, seed, 40);
    }

    @Test
    void refusesWhatIsNotWhatWasWritten() throws IOException {
        Found saved = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        byte[] bytes = read(saved, "training.safetensors");
        bytes[bytes.length - 1]++;
        overwrite(saved.uri().resolve("training.safetensors"), bytes);

        assertFails("CHECKPOINT_CORRUPT", () -> load(saved.uri()))
                .contains(saved.uri() + "training.safetensors", saved.info().training().sha256());
        assertThat(scratch.toFile().list()).containsExactly("overwriting");
    }

    @Test
    void saysWhichJsonCannotBeRead() throws IOException {
        Found saved = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        S3Uri json = saved.uri().resolve("checkpoint.json");
        String text = new String(store.read(json, 1 << 20).bytes(), StandardCharsets.UTF_8);

        overwrite(json, text.substring(0, 50).getBytes(StandardCharsets.UTF_8));
        assertFails("CHECKPOINT_CORRUPT", () -> checkpoints.newest()).contains(json.toString());

        overwrite(
                json,
                text.replace("\"format\":1", "\"format\":2").getBytes(StandardCharsets.UTF_8));
        assertFails("CHECKPOINT_CORRUPT", () -> checkpoints.newest())
                .contains("expected format 1, found 2");

        overwrite(
                json,
                text.replace("training.safetensors", "../e0002/other")
                        .getBytes(StandardCharsets.UTF_8));
        assertFails("CHECKPOINT_CORRUPT", () -> load(saved.uri())).contains("../e0002/other");
    }

    @Test
    void refusesTheCheckpointOfAnotherNetwork() {
        Found saved = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        TrainingJob wider = Trainings.job("one", output, "{\"generator\": {\"filters\": 3}}");

        assertFails(
                        "WRONG_NETWORK",
                        () ->
                                new CheckpointReader(store, scratch)
                                        .load(saved.uri(), Networks.of(wider)))
                .contains("G.model.model.0.weight: expected float32 [3, 3, 4, 4]");
    }

    @Test
    void findsItsOwnCheckpointThereAlready() {
        TrainingState state = Trainings.state(job, 1, 40);
        Found first = checkpoints.save(state, Trainings.after(1));

        assertThat(checkpoints(job, "second").save(state, Trainings.after(1))).isEqualTo(first);
    }

    @Test
    void fencesTheSecondWithOtherWeights() {
        TrainingState state = Trainings.state(job, 1, 40);
        Found first = checkpoints.save(state, Trainings.after(1));

        Failure failure =
                failure(
                        () ->
                                checkpoints(job, "second")
                                        .save(Trainings.state(job, 2, 40), Trainings.after(1)));

        assertThat(failure.code()).isEqualTo("FENCED");
        assertThat(failure.retriable()).isTrue();
        assertThat(failure.message()).contains(first.uri().toString(), "first", "second");
        assertSame(load(first.uri()).state(), state);
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void letsExactlyOneOfManyWriteAndNoneSpoilIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= 5; round++) {
                Progress progress = Trainings.after(round);
                List<Future<Found>> saves = new ArrayList<>();
                for (int w = 0; w < 4; w++) {
                    TrainingState state = Trainings.state(job, 10L * round + w, 1);
                    Checkpoints own = checkpoints(job, "worker " + w);
                    saves.add(threads.submit(() -> own.save(state, progress)));
                }
                List<Integer> winners = new ArrayList<>();
                for (int w = 0; w < 4; w++) {
                    if (succeeds(saves.get(w))) {
                        winners.add(w);
                    }
                }
                assertThat(winners).hasSize(1);
                assertSame(
                        load(checkpoints.newest().orElseThrow().uri()).state(),
                        Trainings.state(job, 10L * round + winners.get(0), 1));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(scratch).isEmptyDirectory();
    }

    private static boolean succeeds(Future<Found> save) throws InterruptedException {
        try {
            save.get();
            return true;
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e.getCause())
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            f -> assertThat(f.failure().code()).isEqualTo("FENCED"));
            return false;
        }
    }

    @Test
    void leavesOtherJobsCheckpointsAlone() {
        TrainingJob other = Trainings.job("two", output);
        Found theirs =
                checkpoints(other, "w").save(Trainings.state(other, 1, 80), Trainings.after(2));
        Found ours = checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        checkpoints.save(Trainings.state(job, 1, 120), Trainings.after(3));

        checkpoints.prune(1, null);

        assertThat(names("e0001")).isEmpty();
        assertThat(names("e0002")).hasSize(3);
        assertThat(checkpoints(other, "w").newest()).contains(theirs);
        assertThat(ours.info().job()).isEqualTo(job);
        assertFails(
                        "OUTPUT_TAKEN",
                        () -> checkpoints.save(Trainings.state(job, 1, 80), Trainings.after(2)))
                .contains("job two", output.toString());
        assertFails("OUTPUT_TAKEN", () -> requireOwnOutput(job)).contains("job two");
    }

    @Test
    void takesAnotherContentUnderTheSameNameForAnotherJob() {
        checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));
        TrainingJob changed = Trainings.job("one", output, "{\"training\": {\"seed\": 43}}");

        assertThat(checkpoints(changed, "w").newest()).isEmpty();
        assertFails("OUTPUT_TAKEN", () -> requireOwnOutput(changed))
                .contains("earlier job one of another content");
        requireOwnOutput(job);
    }

    @Test
    void keepsTheNewestAndTheBest() {
        for (int epoch = 1; epoch <= 6; epoch++) {
            checkpoints.save(Trainings.state(job, epoch, epoch), Trainings.after(epoch));
        }

        checkpoints.prune(2, checkpoints.uri(2, 80).toString());
        assertThat(folders()).containsExactly("e0002", "e0005", "e0006");

        checkpoints.prune(3, checkpoints.uri(6, 240).toString());
        assertThat(folders()).containsExactly("e0002", "e0005", "e0006");

        checkpoints.prune(1, null);
        assertThat(folders()).containsExactly("e0006");
        assertThat(names("e0006")).hasSize(3);
    }

    @Test
    void clearsAwayWhatWasHalfDoneButNotWhatMayBeInTheMaking() {
        for (int epoch = 1; epoch <= 5; epoch++) {
            checkpoints.save(Trainings.state(job, epoch, epoch), Trainings.after(epoch));
        }
        store.delete(checkpoints.uri(1, 40).resolve("checkpoint.json"));
        store.delete(checkpoints.uri(2, 80).resolve("training.safetensors"));
        store.delete(checkpoints.uri(5, 200).resolve("checkpoint.json"));
        S3Uri strange = output.resolve("checkpoints/e0000-s00000001/note.txt");
        store.create(strange, new byte[1], "text/plain", Map.of());

        checkpoints.prune(1, null);

        assertThat(folders()).containsExactly("e0000", "e0004", "e0005");
        assertThat(checkpoints.newest().orElseThrow().uri()).isEqualTo(checkpoints.uri(4, 160));
    }

    @Test
    void saysWhenTheLocalDiskFails() throws IOException {
        Path file = Files.createFile(scratch.resolve("file"));
        Checkpoints without =
                new Checkpoints(store, job, file.resolve("below"), "w", Clock.systemUTC());

        Failure failure =
                failure(() -> without.save(Trainings.state(job, 1, 40), Trainings.after(1)));

        assertThat(failure.code()).isEqualTo("LOCAL_FILE");
        assertThat(failure.message()).contains(file.toString());
        assertThat(names()).isEmpty();
    }

    @Test
    void saysThatTheLocalDiskIsFullAndLeavesNothing() throws Exception {
        TrainingState state = Trainings.state(job, 1, 40);
        try (SmallDisk small = SmallDisk.mount()) {
            small.fillUpTo(4096);
            Checkpoints without =
                    new Checkpoints(store, job, small.folder(), "w", Clock.systemUTC());

            Failure failure = failure(() -> without.save(state, Trainings.after(1)));

            assertThat(failure.code()).isEqualTo("DISK_FULL");
            assertThat(failure.retriable()).isTrue();
            assertThat(failure.message())
                    .contains("training.safetensors", small.folder().toString())
                    .containsPattern("\\d+ bytes are needed in .*, \\d+ are free");
            assertThat(small.folder().toFile().list()).containsExactly("filler");
            assertThat(names()).isEmpty();
        }
    }

    /** As any system with a /dev/full has it, when the disk fills up while it is written to. */
    @Test
    void saysThatTheLocalDiskIsFullInTheMiddle() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no /dev/full");
        try (Scratch files = Scratch.open(scratch)) {
            assertFails(
                            "DISK_FULL",
                            () -> files.write("a", 3, file -> Files.write(full, new byte[3])))
                    .contains(scratch.toString(), "3 bytes are needed");
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void abortsTheUploadsThatKilledWorkersBeganADayBefore() throws InterruptedException {
        try (AbandonedUpload uploads = new AbandonedUpload(STACK.storage())) {
            uploads.leave(checkpoints.uri(1, 40).resolve("training.safetensors"));
            uploads.leave(output.resolve("generator.pt"));
            uploads.leave(output.resolve("another"));

            write(Clock.offset(Clock.systemUTC(), Duration.ofHours(20)), 1);
            assertThat(uploads.keys(output)).hasSize(3);

            write(Clock.offset(Clock.systemUTC(), Duration.ofHours(28)), 2);
            assertThat(uploads.keys(output)).containsExactly("another");
        }
    }

    private void write(Clock clock, int epochs) throws InterruptedException {
        try (CheckpointWriter writer =
                new CheckpointWriter(
                        checkpoints, job, null, GO_ON, new TrainingMetrics("cpu"), "w", clock)) {
            writer.write(Trainings.state(job, 1, 40L * epochs), Trainings.after(epochs));
            assertThat(writer.await()).isNotNull();
        }
    }

    @Test
    void sweepsUpWhatKilledWorkersLeft() throws IOException {
        Path left = Files.createDirectory(scratch.resolve("checkpoint-left"));
        Files.createFile(left.resolve("training.safetensors"));
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Path inUse = Files.createDirectory(scratch.resolve("checkpoint-in-use"));
        Path foreign = Files.createDirectory(scratch.resolve("another"));
        Files.setLastModifiedTime(foreign, FileTime.from(Instant.EPOCH));

        checkpoints.save(Trainings.state(job, 1, 40), Trainings.after(1));

        assertThat(left).doesNotExist();
        assertThat(inUse).exists();
        assertThat(foreign).exists();
    }

    private static final TrainingControl GO_ON =
            new TrainingControl() {
                @Override
                public Wish wish() {
                    return Wish.GO_ON;
                }

                @Override
                public boolean othersWait() {
                    return false;
                }

                @Override
                public void progress(int epoch, long step) {}

                @Override
                public void alive() {}

                @Override
                public void tell(TrainingEvent event) {}
            };

    private Checkpoints checkpoints(TrainingJob of, String worker) {
        return new Checkpoints(store, of, scratch, worker, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private CheckpointReader.Loaded load(S3Uri uri) {
        return new CheckpointReader(store, scratch).load(uri, Networks.of(job));
    }

    private void requireOwnOutput(TrainingJob of) {
        new CheckpointReader(store, scratch).requireOwnOutput(of);
    }

    private byte[] read(Found found, String name) {
        return store.read(found.uri().resolve(name), 1 << 20).bytes();
    }

    private void overwrite(S3Uri uri, byte[] bytes) throws IOException {
        Path file = Files.write(scratch.resolve("overwriting"), bytes);
        store.upload(file, uri, "application/octet-stream", Map.of());
    }

    private List<String> names() {
        S3Uri all = output.resolve("checkpoints/");
        try (Stream<StoredObject> objects = store.list(all, null)) {
            return objects.map(o -> o.uri().key().substring(all.key().length())).toList();
        }
    }

    private List<String> names(String folder) {
        return names().stream().filter(name -> name.startsWith(folder)).toList();
    }

    private List<String> folders() {
        return names().stream().map(name -> name.substring(0, 5)).distinct().toList();
    }

    private static void assertSame(TrainingState found, TrainingState expected) {
        assertThat(found.tensors().keySet()).containsExactlyElementsOf(expected.tensors().keySet());
        found.tensors()
                .forEach(
                        (name, tensor) -> {
                            Tensor other = expected.tensors().get(name);
                            assertThat(tensor.shape()).isEqualTo(other.shape());
                            assertThat(tensor.floats()).as(name).isEqualTo(other.floats());
                            assertThat(tensor.count()).isEqualTo(other.count());
                        });
    }

    private static org.assertj.core.api.AbstractStringAssert<?> assertFails(
            String code, Runnable action) {
        Failure failure = failure(action);
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        return assertThat(failure.message());
    }

    private static Failure failure(Runnable action) {
        Failure[] failure = new Failure[1];
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(FailureException.class, e -> failure[0] = e.failure());
        return failure[0];
    }
}
