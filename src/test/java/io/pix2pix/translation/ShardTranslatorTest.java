package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class ShardTranslatorTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private final Inverter generator = new Inverter(4);
    private Workplace workplace;

    @BeforeEach
    void open() throws IOException {
        workplace = new Workplace(STACK.store(), STACK.prefix(), generator, 4, 8);
    }

    @AfterEach
    void close() throws IOException {
        workplace.close();
    }

    @Test
    void translatesEveryImageAndCommitsOneResultEach() {
        for (int i = 0; i < 10; i++) {
            workplace.putImage("dir %d/ü %d.png".formatted(i % 2, i), 16, 8, i);
        }
        TranslationJob job = workplace.job("all");
        TranslationTask task = workplace.planned(job, 0);
        AtomicInteger most = new AtomicInteger();

        ShardOutcome outcome =
                workplace
                        .translator("w")
                        .translate(
                                task,
                                1,
                                control(() -> false, d -> most.accumulateAndGet(d, Math::max)));

        assertThat(outcome.committedBefore()).isFalse();
        assertThat(outcome.results()).extracting(TranslationResult::index).isEqualTo(upTo(10));
        assertThat(outcome.results())
                .allSatisfy(
                        r -> {
                            assertThat(r.outcome()).isEqualTo(Outcome.SUCCEEDED);
                            assertThat(r.width()).isEqualTo(16);
                            assertThat(r.height()).isEqualTo(8);
                            assertThat(r.inputEtag()).isNotBlank();
                            assertThat(output(r)).satisfies(isInverted(input(r)));
                            assertThat(r.bytes()).isEqualTo(workplace.read(uri(r)).length);
                        });
        assertThat(most).hasValue(10);
        assertThat(outcome.deviceNanos()).isPositive().isEqualTo(workplace.device().busyNanos());
        assertThat(outcome.times().wallNanos()).containsOnlyKeys(Step.values());
        assertThat(new ShardResults(STACK.store(), JobLayout.of(job)).read(0).results())
                .isEqualTo(outcome.results());
    }

    @Test
    void aBadImageIsOneFailedResultThatNamesItAndTheOthersSucceed() {
        byte[] whole = Encoder.png(Workplace.image(64, 64, 1));
        workplace.put("in/a-empty.png", new byte[0]);
        workplace.put("in/b-text.png", "not a picture".getBytes(StandardCharsets.UTF_8));
        workplace.put("in/c-truncated.png", Arrays.copyOf(whole, whole.length / 2));
        workplace.put(
                "in/d-large.png", Encoder.png(Pixels.of8(2000, 1000, 1, new byte[2_000_000])));
        workplace.put("in/e-heavy.png", new byte[(1 << 20) + 1]);
        workplace.putImage("g-good.png", 8, 8, 1);
        workplace.putImage("h.jpg", 8, 8, 1);
        workplace.putImage("h.png", 8, 8, 1);
        TranslationJob job = workplace.job("bad");
        StoredObject gone =
                new StoredObject(workplace.inputs().resolve("f-gone.png"), "etag", 9, Map.of());
        Planner planner =
                new Planner(
                        STACK.store(),
                        (prefix, after) ->
                                Stream.concat(Stream.of(gone), STACK.store().list(prefix, after))
                                        .sorted(Comparator.comparing(o -> o.uri().key())));
        planner.plan(job, "digest", (shard, images) -> {});
        TranslationTask task = workplace.task(job, 0);

        List<TranslationResult> results = translate(task, 1).results();

        assertThat(results).extracting(TranslationResult::index).isEqualTo(upTo(9));
        Map<String, Failure> failures =
                results.stream()
                        .filter(r -> r.failure() != null)
                        .collect(
                                Collectors.toMap(r -> name(r.input()), TranslationResult::failure));
        assertThat(failures)
                .containsOnlyKeys(
                        "a-empty.png",
                        "b-text.png",
                        "c-truncated.png",
                        "d-large.png",
                        "e-heavy.png",
                        "f-gone.png",
                        "h.png");
        assertThat(failures)
                .allSatisfy((name, failure) -> assertThat(failure.message()).contains(name));
        Map<String, String> codes =
                failures.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        e -> e.getValue().stage() + " " + e.getValue().code()));
        assertThat(codes)
                .containsEntry("a-empty.png", "DECODE EMPTY_FILE")
                .containsEntry("b-text.png", "DECODE NOT_AN_IMAGE")
                .containsEntry("c-truncated.png", "DECODE TRUNCATED")
                .containsEntry("d-large.png", "DECODE IMAGE_TOO_LARGE")
                .containsEntry("e-heavy.png", "FETCH TOO_LARGE")
                .containsEntry("f-gone.png", "FETCH NOT_FOUND")
                .containsEntry("h.png", "PLAN OUTPUT_COLLISION");
        assertThat(workplace.outputKeys()).containsExactly("g-good.png", "h.png");
    }

    @Test
    void manySizesFlowThoughNoBatchFillsAndFewImagesAreInFlight() throws IOException {
        Inverter mixed = new Inverter(4);
        try (Workplace narrow = new Workplace(STACK.store(), STACK.prefix(), mixed, 16, 3)) {
            for (int i = 0; i < 20; i++) {
                narrow.putImage("%02d.png".formatted(i), 5 + i % 7, 3 + i % 5, i);
            }
            TranslationTask task = narrow.planned(narrow.job("mixed"), 0);

            List<TranslationResult> results =
                    narrow.translator("w").translate(task, 1, Workplace.GO_ON).results();

            assertThat(results)
                    .extracting(TranslationResult::outcome)
                    .containsOnly(Outcome.SUCCEEDED);
            assertThat(results)
                    .allSatisfy(
                            r -> {
                                assertThat(r.width()).isEqualTo(5 + r.index() % 7);
                                assertThat(r.height()).isEqualTo(3 + r.index() % 5);
                                assertThat(output(r)).satisfies(isInverted(input(r)));
                            });
            assertThat(mixed.batches).allSatisfy(n -> assertThat(n).isBetween(1, 3));
        }
    }

    @Test
    void keysAreTextWhateverTheyHold() {
        List<String> names =
                List.of(
                        "%41 + & ?x=1#y.png",
                        "dots../..x/z.png",
                        "x".repeat(180) + "/" + "y".repeat(180) + "/" + "ü".repeat(80) + ".png",
                        "😀 'quoted' \"twice\".png");
        names.forEach(name -> workplace.putImage(name, 8, 8, 1));

        List<TranslationResult> results =
                translate(workplace.planned(workplace.job("keys"), 0), 1).results();

        assertThat(results)
                .extracting(r -> r.input().substring(workplace.inputs().toString().length()))
                .containsExactlyElementsOf(names);
        assertThat(results).extracting(TranslationResult::outcome).containsOnly(Outcome.SUCCEEDED);
        assertThat(workplace.outputKeys()).containsExactlyElementsOf(names);
    }

    @Test
    void anOutputKeyThatTheStorageRefusesIsThatImagesFailure() {
        workplace.putImage("good.png", 8, 8, 1);
        S3Uri good = workplace.inputs().resolve("good.png");
        TranslationJob job = workplace.job("refused");
        StoredObject odd =
                new StoredObject(workplace.inputs().resolve("x/../../up.png"), "etag", 9, Map.of());
        new Planner(
                        STACK.store(),
                        (prefix, after) ->
                                Stream.concat(STACK.store().list(prefix, after), Stream.of(odd)))
                .plan(job, "digest", (shard, images) -> {});

        List<TranslationResult> results = translate(workplace.task(job, 0), 1).results();

        assertThat(results).hasSize(2);
        assertThat(results.get(0).input()).isEqualTo(good.toString());
        assertThat(results.get(0).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(failure(results.get(1)).message()).contains(odd.uri().toString());
    }

    @Test
    void anAttemptAfterTheCommitReportsTheSameAndDoesNothing() {
        putImages(6);
        TranslationTask task = workplace.planned(workplace.job("again"), 0);
        List<TranslationResult> first = translate(task, 1).results();

        ShardOutcome second = workplace.translator("another").translate(task, 2, Workplace.GO_ON);

        assertThat(second.committedBefore()).isTrue();
        assertThat(second.results()).isEqualTo(first);
        assertThat(generator.images()).isEqualTo(6);
    }

    @Test
    void aTaskThatIsStoppedKeepsItsImagesAndIsContinuedAtItsFirstAttempt() {
        putImages(40);
        TranslationJob job = workplace.job("stopped");
        TranslationTask task = workplace.planned(job, 0);
        AtomicInteger done = new AtomicInteger();

        assertThatThrownBy(
                        () ->
                                workplace
                                        .translator("w")
                                        .translate(
                                                task, 1, control(() -> done.get() >= 5, done::set)))
                .isInstanceOf(TaskStoppedException.class)
                .satisfies(e -> assertThat(((TaskStoppedException) e).done()).isBetween(5, 39));
        int before = generator.images();
        assertThat(workplace.outputKeys()).hasSizeBetween(5, 39);
        assertThat(workplace.head(JobLayout.of(job).results(0))).isEmpty();

        assertThat(translate(task, 1).results())
                .extracting(TranslationResult::outcome)
                .containsOnly(Outcome.SUCCEEDED);
        assertThat(workplace.outputKeys()).hasSize(40);
        assertThat(generator.images()).isBetween(40, 40 + before);
    }

    @Test
    void twoAttemptsAtTheSameTimeCommitOneSetOfResults() {
        putImages(30);
        TranslationTask task = workplace.planned(workplace.job("twice"), 0);
        CyclicBarrier start = new CyclicBarrier(2);

        List<CompletableFuture<ShardOutcome>> attempts =
                IntStream.of(1, 2)
                        .mapToObj(
                                attempt ->
                                        CompletableFuture.supplyAsync(
                                                () -> {
                                                    await(start);
                                                    return workplace
                                                            .translator("w".repeat(attempt))
                                                            .translate(
                                                                    task, attempt, Workplace.GO_ON);
                                                },
                                                run -> new Thread(run).start()))
                        .toList();
        List<ShardOutcome> outcomes = attempts.stream().map(CompletableFuture::join).toList();

        assertThat(outcomes.get(0).results()).isEqualTo(outcomes.get(1).results()).hasSize(30);
        assertThat(outcomes.get(0).results())
                .allSatisfy(
                        r -> {
                            assertThat(r.outcome()).isEqualTo(Outcome.SUCCEEDED);
                            assertThat(output(r)).satisfies(isInverted(input(r)));
                        });
    }

    @Test
    void anotherJobOfTheSameWorkFindsItDone() {
        putImages(5);
        translate(workplace.planned(workplace.job("one"), 0), 1);

        List<TranslationResult> results =
                translate(workplace.planned(workplace.job("two"), 0), 1).results();

        assertThat(generator.images()).isEqualTo(5);
        assertThat(results)
                .allSatisfy(
                        r -> {
                            assertThat(r.outcome()).isEqualTo(Outcome.SUCCEEDED);
                            assertThat(r.width()).isEqualTo(12);
                        });
    }

    @Test
    void anothersObjectIsLeftOrRefusedOrReplacedAsTheJobSays() {
        putImages(2);
        byte[] foreign = "somebody's".getBytes(StandardCharsets.UTF_8);
        workplace.put("out/image-00.png", foreign);

        TranslationResult skipped = onlyFirst("skip", IfExists.SKIP);
        assertThat(skipped.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(workplace.read(workplace.outputs().resolve("image-00.png"))).isEqualTo(foreign);

        TranslationResult refused = onlyFirst("fail", IfExists.FAIL);
        assertThat(refused.failure())
                .isNotNull()
                .satisfies(
                        f -> {
                            assertThat(f.stage()).isEqualTo(Stage.STORE);
                            assertThat(f.code()).isEqualTo("OUTPUT_EXISTS");
                            assertThat(f.message()).contains("something else");
                        });
        assertThat(workplace.read(workplace.outputs().resolve("image-00.png"))).isEqualTo(foreign);

        TranslationResult replaced = onlyFirst("overwrite", IfExists.OVERWRITE);
        assertThat(replaced.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(output(replaced)).satisfies(isInverted(input(replaced)));
    }

    @Test
    void ofTwoInputsOfOneJobThatWriteOneKeyOneFailsEvenWithOverwrite() {
        S3Uri a = workplace.put("in/x.png", Encoder.png(Workplace.image(8, 8, 1)));
        S3Uri b = workplace.put("in/x.bmp.png", Encoder.png(Workplace.image(8, 8, 2)));
        S3Uri list =
                workplace.put(
                        "list.jsonl",
                        "\"%s\"\n{\"uri\": \"%s\"}\n\n\"%s\"\n"
                                .formatted(a, a.toString().replace(".png", ".jpg"), b)
                                .getBytes(StandardCharsets.UTF_8));
        workplace.put("in/x.jpg", Encoder.png(Workplace.image(8, 8, 3)));
        TranslationJob plain =
                workplace.job("list", IfExists.OVERWRITE, new Size(Size.Mode.PAD, 0, 0), 256);
        TranslationJob job =
                new TranslationJob(
                        plain.jobId(),
                        plain.model(),
                        new TranslationJob.Input(
                                list.toString(),
                                List.of(),
                                List.of(),
                                TranslationJob.Side.WHOLE,
                                true),
                        plain.output(),
                        plain.size(),
                        0);

        List<TranslationResult> results = translate(workplace.planned(job, 0), 1).results();

        assertThat(results).hasSize(3);
        assertThat(results.stream().filter(r -> r.outcome() == Outcome.SUCCEEDED)).hasSize(2);
        assertThat(results.stream().filter(r -> r.failure() != null))
                .singleElement()
                .satisfies(r -> assertThat(failure(r).code()).isEqualTo("OUTPUT_COLLISION"));
    }

    @Test
    void aFailureThatMayPassFailsTheAttemptAndTheNextComputesOnlyWhatIsMissing()
            throws IOException {
        Inverter shaky = shaky(1);
        try (Workplace place = shakyPlace(shaky)) {
            TranslationTask task = place.planned(place.job("shaky"), 0);

            assertThatThrownBy(() -> place.translator("w").translate(task, 1, Workplace.GO_ON))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("4 of 12")
                    .hasMessageContaining("a hiccup")
                    .satisfies(
                            e -> {
                                Failure f = ((FailureException) e).failure();
                                assertThat(f.retriable()).isTrue();
                                assertThat(f.stage()).isEqualTo(Stage.TASK);
                            });
            assertThat(place.outputKeys()).hasSize(8);

            ShardOutcome outcome = place.translator("w").translate(task, 2, Workplace.GO_ON);

            assertThat(shaky.images()).isEqualTo(12);
            assertThat(outcome.results())
                    .extracting(TranslationResult::outcome)
                    .hasSize(12)
                    .containsOnly(Outcome.SUCCEEDED);
        }
    }

    @Test
    void whatIsNotDoneAtTheLastAttemptFails() throws IOException {
        try (Workplace place = shakyPlace(shaky(1))) {
            TranslationTask task = place.planned(place.job("exhausted"), 0);
            ShardTranslator translator = place.translator("w");
            Failure hiccup =
                    catchThrowableOfType(
                                    FailureException.class,
                                    () -> translator.translate(task, 1, Workplace.GO_ON))
                            .failure();

            ShardOutcome outcome = translator.exhaust(task, 6, hiccup);

            Map<Outcome, List<TranslationResult>> results =
                    outcome.results().stream()
                            .collect(Collectors.groupingBy(TranslationResult::outcome));
            assertThat(results.get(Outcome.SUCCEEDED)).hasSize(8);
            assertThat(results.get(Outcome.FAILED))
                    .hasSize(4)
                    .allSatisfy(
                            r -> {
                                assertThat(failure(r).code()).isEqualTo("ATTEMPTS_EXHAUSTED");
                                assertThat(failure(r).message())
                                        .contains(r.input(), "5 attempts", "a hiccup");
                            });
            assertThat(translator.exhaust(task, 6, null).results()).isEqualTo(outcome.results());
            assertThat(translator.translate(task, 7, Workplace.GO_ON).results())
                    .isEqualTo(outcome.results());
        }
    }

    @Test
    void anImageThatTheNetworkRefusesFailsAloneInItsBatch() throws IOException {
        Pixels odd = Workplace.image(8, 8, 3);
        Inverter picky =
                new Inverter() {
                    @Override
                    public List<Pixels> translate(List<Pixels> batch) {
                        if (batch.stream().anyMatch(i -> Arrays.equals(i.bytes(), odd.bytes()))) {
                            throw new FailureException(
                                    Failure.permanent(
                                            Stage.GENERATE, "NOT_A_NUMBER", "no numbers"));
                        }
                        return super.translate(batch);
                    }
                };
        try (Workplace place = shakyPlace(picky)) {
            TranslationTask task = place.planned(place.job("picky"), 0);

            List<TranslationResult> results =
                    place.translator("w").translate(task, 1, Workplace.GO_ON).results();

            assertThat(results.stream().filter(r -> r.outcome() == Outcome.FAILED))
                    .singleElement()
                    .satisfies(r -> assertThat(r.index()).isEqualTo(3));
        }
    }

    @Test
    void aBatchThatDoesNotFitTheDeviceIsHalvedAndStaysHalved() throws IOException {
        List<Integer> tried = Collections.synchronizedList(new ArrayList<>());
        Inverter small =
                new Inverter() {
                    @Override
                    public List<Pixels> translate(List<Pixels> batch) {
                        tried.add(batch.size());
                        if (batch.size() > 2) {
                            throw new FailureException(
                                    Failure.retriable(Stage.GENERATE, "OUT_OF_MEMORY", "too much"));
                        }
                        return super.translate(batch);
                    }
                };
        try (Workplace place = new Workplace(STACK.store(), STACK.prefix(), small, 4, 4)) {
            putSmall(place, 24);
            TranslationTask task = place.planned(place.job("small"), 0);

            assertThat(place.translator("w").translate(task, 1, Workplace.GO_ON).results())
                    .extracting(TranslationResult::outcome)
                    .containsOnly(Outcome.SUCCEEDED);
            assertThat(tried.subList(0, 3)).containsExactly(4, 2, 2);
            assertThat(tried.subList(6, tried.size())).allMatch(n -> n <= 2);
        }
    }

    @Test
    void aSizeThatTheNetworkDoesNotTakeFailsTheJob() {
        putImages(1);
        TranslationJob job =
                workplace.job("size", IfExists.SKIP, new Size(Size.Mode.RESIZE, 250, 250), 256);
        TranslationTask task = workplace.planned(job, 0);

        assertThatThrownBy(() -> translate(task, 1))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("multiples of 4")
                .satisfies(
                        e -> {
                            Failure f = ((FailureException) e).failure();
                            assertThat(f.retriable()).isFalse();
                            assertThat(f.stage()).isEqualTo(Stage.MODEL);
                        });
    }

    private TranslationResult onlyFirst(String jobId, IfExists ifExists) {
        TranslationJob job = workplace.job(jobId, ifExists, new Size(Size.Mode.PAD, 0, 0), 1);
        return translate(workplace.planned(job, 0), 1).results().get(0);
    }

    private ShardOutcome translate(TranslationTask task, int attempt) {
        return workplace.translator("w").translate(task, attempt, Workplace.GO_ON);
    }

    /** Fails in a way that may pass, at one call. */
    private static Inverter shaky(int failingCall) {
        AtomicInteger calls = new AtomicInteger();
        return new Inverter() {
            @Override
            public List<Pixels> translate(List<Pixels> batch) {
                if (calls.getAndIncrement() == failingCall) {
                    throw new FailureException(
                            Failure.retriable(Stage.GENERATE, "DEVICE", "a hiccup"));
                }
                return super.translate(batch);
            }
        };
    }

    private static Workplace shakyPlace(Inverter generator) throws IOException {
        Workplace place = new Workplace(STACK.store(), STACK.prefix(), generator, 4, 12);
        putSmall(place, 12);
        return place;
    }

    private static void putSmall(Workplace place, int count) {
        for (int i = 0; i < count; i++) {
            place.putImage("%02d.png".formatted(i), 8, 8, i);
        }
    }

    private void putImages(int count) {
        for (int i = 0; i < count; i++) {
            workplace.putImage("image-%02d.png".formatted(i), 12, 8, i);
        }
    }

    private Pixels input(TranslationResult r) {
        return new Decoder().decode(workplace.read(S3Uri.parse(r.input())), 3);
    }

    private Pixels output(TranslationResult r) {
        return new Decoder().decode(workplace.read(uri(r)), 3);
    }

    private static S3Uri uri(TranslationResult r) {
        return S3Uri.parse(Objects.requireNonNull(r.output()));
    }

    private static Failure failure(TranslationResult r) {
        return Objects.requireNonNull(r.failure());
    }

    private static Consumer<Pixels> isInverted(Pixels input) {
        return output -> {
            assertThat(output.toString()).isEqualTo(input.toString());
            assertThat(output.bytes()).isEqualTo(Inverter.inverted(input).bytes());
        };
    }

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static TaskControl control(BooleanSupplier stop, IntConsumer progress) {
        return new TaskControl() {
            @Override
            public boolean stopRequested() {
                return stop.getAsBoolean();
            }

            @Override
            public void progress(int done) {
                progress.accept(done);
            }
        };
    }
}
