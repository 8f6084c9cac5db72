package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
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
                            workplace.assertInverted(r);
                            assertThat(r.bytes())
                                    .isEqualTo(
                                            workplace.read(S3Uri.parse(String.valueOf(r.output())))
                                                    .length);
                        });
        assertThat(most).hasValue(10);
        assertThat(outcome.deviceNanos())
                .isPositive()
                .isEqualTo(workplace.device().takeUse().busyNanos());
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
                                        .sorted(Comparator.comparing(o -> o.uri().key())),
                        Long.MAX_VALUE);
        planner.plan(job, "digest", (shard, images) -> {});
        TranslationTask task = workplace.task(job, 0);

        List<TranslationResult> results = workplace.translate(task, 1).results();

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
                                narrow.assertInverted(r);
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
                workplace.translate(workplace.planned(workplace.job("keys"), 0), 1).results();

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
                                Stream.concat(STACK.store().list(prefix, after), Stream.of(odd)),
                        Long.MAX_VALUE)
                .plan(job, "digest", (shard, images) -> {});

        List<TranslationResult> results = workplace.translate(workplace.task(job, 0), 1).results();

        assertThat(results).hasSize(2);
        assertThat(results.get(0).input()).isEqualTo(good.toString());
        assertThat(results.get(0).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(failure(results.get(1)).message()).contains(odd.uri().toString());
    }

    @Test
    void aSizeThatTheNetworkDoesNotTakeFailsTheJob() {
        workplace.putImages(1);
        TranslationJob job =
                workplace.job("size", IfExists.SKIP, new Size(Size.Mode.RESIZE, 250, 250), 256);
        TranslationTask task = workplace.planned(job, 0);

        assertThatThrownBy(() -> workplace.translate(task, 1))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("multiples of 4")
                .satisfies(
                        e -> {
                            Failure f = ((FailureException) e).failure();
                            assertThat(f.retriable()).isFalse();
                            assertThat(f.stage()).isEqualTo(Stage.MODEL);
                        });
    }

    private static Failure failure(TranslationResult r) {
        return Objects.requireNonNull(r.failure());
    }

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
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
