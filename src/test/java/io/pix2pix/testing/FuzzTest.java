package io.pix2pix.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The harness itself: it must notice readers that are broken. */
class FuzzTest {
    private static final List<byte[]> SEEDS = List.of(new byte[] {1, 2, 3, 4}, new byte[100]);
    private static volatile Object kept = "";

    private final Mutations mutations = new Mutations();

    private static Fuzz fuzz(String name) {
        return Fuzz.of(name, e -> e instanceof IllegalArgumentException, e -> "refused")
                .inputs(2000);
    }

    @Test
    void aReaderThatKeepsItsWordPasses() throws InterruptedException {
        Fuzz fuzz = fuzz("good");
        fuzz.run(
                random -> mutations.of(SEEDS, random),
                input -> {
                    if (input.length > 0 && input[0] != 1) {
                        throw new IllegalArgumentException("not a one");
                    }
                });
        assertThat(fuzz.count("ok")).isPositive();
        assertThat(fuzz.count("ok") + fuzz.count("refused")).isEqualTo(2000);
    }

    @Test
    void anExceptionThatIsNotDeclaredIsNoticed() {
        assertThatThrownBy(
                        () ->
                                fuzz("throws")
                                        .run(
                                                random -> mutations.of(SEEDS, random),
                                                input -> {
                                                    if (input.length == 99) {
                                                        throw new NullPointerException("oops");
                                                    }
                                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("threw what it does not declare")
                .hasMessageContaining("NullPointerException: oops")
                .hasMessageContaining("of seed")
                .hasMessageContaining("-Dpix2pix.fuzz.only=");
    }

    @Test
    void anErrorIsNoticed() {
        assertThatThrownBy(
                        () ->
                                fuzz("overflows")
                                        .inputs(20)
                                        .run(
                                                random -> mutations.of(SEEDS, random),
                                                input -> endless(0)))
                .hasMessageContaining("StackOverflowError");
    }

    private static int endless(int depth) {
        return depth < 0 ? 0 : endless(depth + 1) + 1;
    }

    @Test
    void tooMuchMemoryIsNoticed() {
        assertThatThrownBy(
                        () ->
                                fuzz("allocates")
                                        .run(
                                                random -> mutations.of(SEEDS, random),
                                                input -> {
                                                    if (input.length > 99) {
                                                        kept = new byte[5 << 20];
                                                    }
                                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching("(?s).* at most \\d+ are allowed for \\d+.*");
    }

    @Test
    void aReaderThatHangsIsNoticed() {
        AtomicBoolean released = new AtomicBoolean();
        assertThatThrownBy(
                        () ->
                                fuzz("hangs")
                                        .deadline(Duration.ofMillis(300))
                                        .run(
                                                random -> mutations.of(SEEDS, random),
                                                input -> {
                                                    while (input.length == 99 && !released.get()) {
                                                        Thread.onSpinWait();
                                                    }
                                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("did not come back within PT0.3S")
                .hasMessageContaining("io.pix2pix.testing.FuzzTest.lambda");
        released.set(true);
    }

    @Test
    void inputsThatTryNothingAreNoticed() {
        assertThatThrownBy(
                        () ->
                                fuzz("idle")
                                        .expecting("ok", "refused")
                                        .run(random -> mutations.of(SEEDS, random), input -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("none ended in refused");
    }

    @Test
    void aSourceThatFailsIsNoticed() {
        assertThatThrownBy(
                        () ->
                                fuzz("no inputs")
                                        .run(
                                                random -> {
                                                    throw new IllegalStateException("no more");
                                                },
                                                input -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no input could be made")
                .hasRootCauseMessage("no more");
    }

    @Test
    void theSameNumbersGiveTheSameInputs() throws InterruptedException {
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        fuzz("first").run(r -> mutations.of(SEEDS, r), in -> first.add(Arrays.hashCode(in)));
        fuzz("second").run(r -> mutations.of(SEEDS, r), in -> second.add(Arrays.hashCode(in)));
        assertThat(first).isEqualTo(second);
        assertThat(first.stream().distinct().count()).isGreaterThan(500);
    }

    @Test
    void everyKindOfDamageLeavesBytes() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            assertThat(mutations.of(SEEDS, random).length).isLessThan(1 << 20);
        }
    }
}
