package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.translation.Batcher.Waiting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchRunTest {
    private final List<Integer> tried = new ArrayList<>();

    @Test
    void anImageThatTheNetworkRefusesFailsAloneInItsBatch() {
        Failure refusal = Failure.permanent(Stage.GENERATE, "NOT_A_NUMBER", "no numbers");
        List<Waiting> batch = batch(8);

        run(refusal, images -> images.stream().anyMatch(i -> i.sample(0, 0, 0) == 5)).run(batch);

        assertThat(batch.stream().filter(w -> w.translated().isCompletedExceptionally()))
                .containsExactly(batch.get(5));
        assertThat(batch.get(4).translated().join().sample(0, 0, 0)).isEqualTo(~4 & 0xFF);
        assertThat(tried).containsExactly(8, 4, 4, 2, 1, 1, 2);
    }

    @Test
    void aBatchThatDoesNotFitTheDeviceIsHalvedAndTheSizeIsRemembered() {
        Failure tooMuch = Failure.retriable(Stage.GENERATE, "OUT_OF_MEMORY", "too much");
        BatchRun run = run(tooMuch, images -> images.size() > 3);
        List<Waiting> batch = batch(8);

        run.run(batch);

        assertThat(batch).allMatch(w -> !w.translated().isCompletedExceptionally());
        assertThat(tried).containsExactly(8, 4, 2, 2, 4, 2, 2);
        assertThat(run.limit()).isEqualTo(2);
    }

    @Test
    void anImageThatDoesNotFitAloneFailsForGood() {
        Failure tooMuch = Failure.retriable(Stage.GENERATE, "OUT_OF_MEMORY", "too much");
        List<Waiting> batch = batch(1);

        run(tooMuch, images -> true).run(batch);

        assertThatThrownBy(() -> batch.get(0).translated().join())
                .cause()
                .satisfies(
                        e -> {
                            Failure failure = ((FailureException) e).failure();
                            assertThat(failure.retriable()).isFalse();
                            assertThat(failure.message()).contains("2 x 2", "too much");
                        });
    }

    @Test
    void aFailureThatMayPassIsNotTriedAgainHere() {
        Failure hiccup = Failure.retriable(Stage.GENERATE, "DEVICE", "a hiccup");
        List<Waiting> batch = batch(4);

        run(hiccup, images -> true).run(batch);

        assertThat(tried).containsExactly(4);
        assertThat(batch).allMatch(w -> w.translated().isCompletedExceptionally());
    }

    private BatchRun run(Failure failure, Predicate<List<Pixels>> fails) {
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
                });
    }

    /** Each image is all of its number. */
    private static List<Waiting> batch(int size) {
        return IntStream.range(0, size)
                .mapToObj(
                        i -> {
                            byte[] samples = new byte[12];
                            Arrays.fill(samples, (byte) i);
                            return new Waiting(
                                    Pixels.of8(2, 2, 3, samples), new CompletableFuture<>());
                        })
                .toList();
    }
}
