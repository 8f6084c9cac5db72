package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.DeviceHealth.State;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.translation.Batcher.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class BatchRunTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final Failure NO_MEMORY =
            Failure.retriable(Stage.GENERATE, "OUT_OF_MEMORY", "too much");
    private static final Failure DEVICE_FAILED =
            Failure.retriable(Stage.GENERATE, "DEVICE_FAILED", "an illegal access");

    private final List<Integer> tried = new ArrayList<>();
    private boolean probeFails;
    private TranslationDevice device;

    @BeforeEach
    void openDevice(@TempDir Path folder) {
        ModelFiles files = new ModelFiles(STACK.store(), folder, 1000, Workplace.CLOCK);
        device =
                new TranslationDevice(
                        "gpu:7",
                        8,
                        new ModelCache(files, (file, n) -> new Inverter(), 2),
                        new DeviceHealth(
                                "gpu:7",
                                this::probe,
                                new DeviceHealth.Limits(2, Duration.ZERO, 3)));
    }

    private void probe() {
        if (probeFails) {
            throw new FailureException(DEVICE_FAILED);
        }
    }

    @AfterEach
    void closeDevice() {
        device.close();
    }

    @Test
    void anImageThatTheNetworkRefusesFailsAloneInItsBatch() {
        Failure refusal = Failure.permanent(Stage.GENERATE, "NOT_A_NUMBER", "no numbers");
        List<Waiting> batch = batch(8);

        run(refusal, images -> images.stream().anyMatch(i -> i.sample(0, 0, 0) == 5)).run(batch);

        assertThat(batch.stream().filter(w -> w.translated().isCompletedExceptionally()))
                .containsExactly(batch.get(5));
        assertThat(batch.get(4).translated().join().sample(0, 0, 0)).isEqualTo(~4 & 0xFF);
        assertThat(tried).containsExactly(8, 4, 4, 2, 1, 1, 2);
        assertThat(device.health().state()).isEqualTo(State.WORKING);
    }

    @Test
    void aBatchThatDoesNotFitTheDeviceIsHalvedAndTheSizeHoldsForTheRestOfIt() {
        List<Waiting> batch = batch(8);

        run(NO_MEMORY, images -> images.size() > 3).run(batch);

        assertThat(batch).allMatch(w -> !w.translated().isCompletedExceptionally());
        assertThat(tried).containsExactly(8, 4, 2, 2, 2, 2);
        assertThat(device.outOfMemory()).isEqualTo(2);
    }

    @Test
    void laterTasksBeginWithTheSizeThatFittedAndOtherShapesAndModelsWithTheirOwn() {
        run(NO_MEMORY, images -> images.size() > 3).run(batch(8));
        tried.clear();

        run(NO_MEMORY, images -> images.size() > 3).run(batch(8));
        assertThat(tried).containsExactly(2, 2, 2, 2);
        assertThat(device.limitedBatches()).isEqualTo(1);

        tried.clear();
        run(NO_MEMORY, images -> false).run(batch(8, 3));
        run("other", NO_MEMORY, images -> false).run(batch(8));
        assertThat(tried).containsExactly(8, 8);
        assertThat(device.limitedBatches()).isEqualTo(1);
    }

    @Test
    void aLargeImageThatDoesNotFitAloneFailsForGood() {
        List<Waiting> batch = batch(1, 600);

        run(NO_MEMORY, images -> true).run(batch);

        Failure failure = failure(batch.get(0));
        assertThat(failure.retriable()).isFalse();
        assertThat(failure.message()).contains("600 x 600", "too much");
    }

    @Test
    void anOrdinaryImageThatDoesNotFitAloneSpeaksOfTheDeviceAndMayBeTriedAgain() {
        List<Waiting> batch = batch(2);

        run(NO_MEMORY, images -> true).run(batch);

        assertThat(batch).allMatch(w -> failure(w).retriable());
        assertThat(tried).containsExactly(2, 1, 1);
        assertThat(device.health().state()).isEqualTo(State.SUSPECT);
        run(NO_MEMORY, images -> false).run(batch(1));
        assertThat(device.health().state()).isEqualTo(State.WORKING);
    }

    @Test
    void aFailureThatMayPassIsNotTriedAgainHere() {
        List<Waiting> batch = batch(4);

        run(DEVICE_FAILED, images -> true).run(batch);

        assertThat(tried).containsExactly(4);
        assertThat(batch).allMatch(w -> w.translated().isCompletedExceptionally());
    }

    @Test
    void onABrokenDeviceOneTaskFailsAndAllOthersStopWithoutAFault() {
        BatchRun first = run(DEVICE_FAILED, images -> true);
        BatchRun second = run(DEVICE_FAILED, images -> true);
        probeFails = true;
        List<Waiting> batch = batch(4);
        List<Waiting> next = batch(2);
        List<Waiting> other = batch(3);

        first.run(batch);
        first.run(next);
        second.run(other);

        assertThat(device.health().isBroken()).isTrue();
        assertThat(batch).allMatch(w -> failure(w).code().equals("DEVICE_FAILED"));
        assertThat(next).allMatch(w -> failure(w).code().equals("DEVICE_FAILED"));
        assertThat(other)
                .allSatisfy(
                        w ->
                                assertThatThrownBy(w.translated()::join)
                                        .hasCauseInstanceOf(TaskStoppedException.class));
        assertThat(tried).containsExactly(4, 2);
    }

    private static Failure failure(Waiting waiting) {
        return waiting.translated()
                .handle((pixels, thrown) -> ((FailureException) thrown).failure())
                .join();
    }

    private BatchRun run(Failure failure, Predicate<List<Pixels>> fails) {
        return run("model", failure, fails);
    }

    private BatchRun run(String model, Failure failure, Predicate<List<Pixels>> fails) {
        return new BatchRun(
                new Inverter() {
                    @Override
                    public List<Pixels> translate(List<Pixels> images) {
                        tried.add(images.size());
                        if (fails.test(images)) {
                            throw new FailureException(failure);
                        }
                        return super.translate(images);
                    }
                },
                model,
                device);
    }

    private static List<Waiting> batch(int size) {
        return batch(size, 2);
    }

    /** Each image is all of its number. */
    private static List<Waiting> batch(int size, int side) {
        return IntStream.range(0, size)
                .mapToObj(
                        i -> {
                            byte[] samples = new byte[side * side * 3];
                            Arrays.fill(samples, (byte) i);
                            return new Waiting(
                                    Pixels.of8(side, side, 3, samples), new CompletableFuture<>());
                        })
                .toList();
    }
}
