package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.FailingObject;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class ShardAttemptsTest {
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
    void anAttemptAfterTheCommitReportsTheSameAndDoesNothing() {
        workplace.putImages(6);
        TranslationTask task = workplace.planned(workplace.job("again"), 0);
        List<TranslationResult> first = workplace.translate(task, 1).results();

        ShardOutcome second = workplace.translator("another").translate(task, 2, Workplace.GO_ON);

        assertThat(second.committedBefore()).isTrue();
        assertThat(second.results()).isEqualTo(first);
        assertThat(generator.images()).isEqualTo(6);
    }

    @Test
    void aTaskThatIsStoppedKeepsItsImagesAndIsContinuedAtItsFirstAttempt() {
        workplace.putImages(40);
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

        assertThat(workplace.translate(task, 1).results())
                .extracting(TranslationResult::outcome)
                .containsOnly(Outcome.SUCCEEDED);
        assertThat(workplace.outputKeys()).hasSize(40);
        assertThat(generator.images()).isBetween(40, 40 + before);
    }

    @Test
    void anEmptyHeapFailsTheAttemptAndNoImage() throws IOException {
        Inverter hungry =
                new Inverter(4) {
                    @Override
                    public List<Pixels> translate(List<Pixels> batch) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                };
        try (Workplace full = new Workplace(STACK.store(), STACK.prefix(), hungry, 4, 8)) {
            full.putImages(3);
            TranslationTask task = full.planned(full.job("hungry"), 0);

            assertThatThrownBy(() -> full.translate(task, 1))
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            e -> assertThat(e.failure().retriable()).isTrue())
                    .hasMessageContaining("Java heap space");
            assertThat(full.device().health().state()).isEqualTo(DeviceHealth.State.WORKING);
        }
    }

    @Test
    void aTaskOnABrokenDeviceIsStoppedAndCommitsNothing() throws IOException {
        DeviceHealth health =
                new DeviceHealth(
                        "gpu:5",
                        () -> {
                            throw new IllegalStateException("no answer");
                        },
                        new DeviceHealth.Limits(1, Duration.ZERO, 10));
        Failure fault = Failure.retriable(Stage.GENERATE, "DEVICE_FAILED", "an illegal access");
        Inverter faulty =
                new Inverter(4) {
                    @Override
                    public List<Pixels> translate(List<Pixels> batch) {
                        throw new FailureException(fault);
                    }
                };
        try (Workplace bad = new Workplace(STACK.store(), STACK.prefix(), faulty, 4, 8, health)) {
            bad.putImages(12);
            TranslationJob job = bad.job("broken");
            TranslationTask first = bad.planned(job, 0);

            // The one that it broke on may be what broke it; it is no other's fault.
            assertThatThrownBy(() -> bad.translate(first, 1))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("an illegal access");
            assertThatThrownBy(() -> bad.translate(first, 1))
                    .isInstanceOf(TaskStoppedException.class)
                    .hasMessageContaining("is broken");
            assertThat(bad.head(JobLayout.of(job).results(0))).isEmpty();
        }
    }

    @Test
    void twoAttemptsAtTheSameTimeCommitOneSetOfResults() {
        workplace.putImages(30);
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
                            workplace.assertInverted(r);
                        });
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
                    .hasMessageContaining("{DEVICE=4}")
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
                                assertThat(failure(r).code()).isEqualTo("DEVICE");
                                assertThat(failure(r).retriable()).isTrue();
                                assertThat(failure(r).message())
                                        .contains(r.input(), "5 attempts", "a hiccup");
                            });
            assertThat(translator.exhaust(task, 6, null).results()).isEqualTo(outcome.results());
            assertThat(translator.translate(task, 7, Workplace.GO_ON).results())
                    .isEqualTo(outcome.results());
        }
    }

    @Test
    void anImageThatStorageNeverGivesFailsAloneAndSaysWhy() throws IOException {
        S3Uri prefix = STACK.prefix();
        try (FailingObject failing = new FailingObject(STACK.storage(), "image-03.png");
                ObjectStore store = new ObjectStore(failing.settings());
                Workplace place = new Workplace(store, prefix, new Inverter(4), 4, 8)) {
            place.putImages(8);
            TranslationTask task = place.planned(place.job("unreadable"), 0);
            Failure last = null;
            for (int attempt = 1; attempt < 5; attempt++) {
                int number = attempt;
                last =
                        catchThrowableOfType(
                                        FailureException.class, () -> place.translate(task, number))
                                .failure();
                assertThat(last.code()).isEqualTo("STORAGE_UNAVAILABLE");
                assertThat(place.outputKeys()).hasSize(7);
            }

            List<TranslationResult> results =
                    place.translator("w").exhaust(task, 5, last).results();

            assertThat(results).hasSize(8);
            for (TranslationResult result : results) {
                if (!result.input().endsWith("image-03.png")) {
                    assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
                    continue;
                }
                assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
                assertThat(failure(result).code()).isEqualTo("STORAGE_UNAVAILABLE");
                assertThat(failure(result).retriable()).isTrue();
                assertThat(failure(result).message())
                        .contains("4 attempts", "Failed to read " + result.input())
                        .contains("500 InternalError: its disk is broken", "2 tries");
            }
        }
    }

    @Test
    void whoseWorkersDiedAtEveryAttemptIsSaidToHaveExhaustedThem() {
        workplace.putImages(2);
        TranslationTask task = workplace.planned(workplace.job("deadly"), 0);

        assertThat(workplace.translator("w").exhaust(task, 5, null).results())
                .hasSize(2)
                .allSatisfy(
                        r -> {
                            assertThat(failure(r).code()).isEqualTo("ATTEMPTS_EXHAUSTED");
                            assertThat(failure(r).retriable()).isFalse();
                            assertThat(failure(r).message()).contains(r.input(), "4 attempts");
                        });
    }

    @Test
    void aTaskIsGivenUpOnlyAfterItWasTriedFromBothEnds() throws IOException {
        try (Workplace place = shakyPlace(shaky(1))) {
            TranslationTask task = place.planned(place.job("owed"), 0);
            ShardTranslator translator = place.translator("w");
            CarefulAttempts careful = new CarefulAttempts(STACK.store(), task);

            assertThat(translator.isOwedAnother(task, 5)).isTrue();
            assertThat(translator.isOwedAnother(again(task, 5, null), 5))
                    .describedAs("handed back, or given up by the tracker, at its last attempt")
                    .isTrue();
            Failure away = Failure.retriable(Stage.FETCH, "STORAGE_UNAVAILABLE", "away");
            assertThat(translator.isOwedAnother(again(task, 3, away), 5))
                    .describedAs("failed twice, then killed two workers")
                    .isTrue();
            assertThat(translator.isOwedAnother(again(task, 5, away), 5))
                    .describedAs("its worker lived to tell")
                    .isFalse();
            // It found nothing out: it failed and its worker lives.
            assertThatThrownBy(() -> translator.translate(task, 3, Workplace.GO_ON))
                    .isInstanceOf(FailureException.class);
            assertThat(careful.begin()).isEqualTo(1);
            assertThat(translator.isOwedAnother(task, 5)).isTrue();
            assertThat(translator.isOwedAnother(task, 4)).describedAs("too few for two").isFalse();
            assertThat(careful.begin()).isEqualTo(2);
            assertThat(translator.isOwedAnother(task, 5)).isFalse();
        }
    }

    private static TranslationTask again(
            TranslationTask task, int attempt, @Nullable Failure last) {
        return new TranslationTask(
                task.jobId(), task.shard(), task.images(), attempt, last, task.job());
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
        place.putImages(12);
        return place;
    }

    private static Failure failure(TranslationResult r) {
        return Objects.requireNonNull(r.failure());
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
