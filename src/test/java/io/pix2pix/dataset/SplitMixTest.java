package io.pix2pix.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitMixTest {
    /** Whoever changes these changes the course of every training that is under way. */
    @Test
    void numbersStayWhatTheyAre() {
        assertThat(EpochOrder.of(10, 42, 3)).containsExactly(5, 0, 9, 4, 2, 1, 3, 6, 8, 7);
        assertThat(Augmentation.of(30, true, 42, 3, 7)).isEqualTo(new Augmentation(8, 21, false));
    }

    /** A generator without parts begins where Java's does with seed 0. */
    @Test
    void isTheGeneratorThatItSays() {
        SplittableRandom java = new SplittableRandom(0);
        SplitMix ours = new SplitMix();

        for (int i = 0; i < 1000; i++) {
            assertThat(ours.nextBoolean()).isEqualTo(java.nextLong() < 0);
        }
    }

    @Test
    void ordersHaveEachIndexOnce() {
        for (int pairs = 1; pairs < 50; pairs++) {
            int[] order = EpochOrder.of(pairs, 7, pairs);
            Arrays.sort(order);
            assertThat(order).isEqualTo(IntStream.range(0, pairs).toArray());
        }
    }

    @Test
    void everyPlaceOfAnOrderAndEveryCutIsAsLikelyAsAnother() {
        int[] firsts = new int[8];
        int[] columns = new int[31];
        int flips = 0;
        for (int epoch = 0; epoch < 31_000; epoch++) {
            firsts[EpochOrder.of(8, 42, epoch)[0]]++;
            Augmentation cut = Augmentation.of(30, true, 42, epoch, 5);
            columns[cut.x()]++;
            flips += cut.flip() ? 1 : 0;
        }

        assertThat(Arrays.stream(firsts).boxed())
                .allSatisfy(n -> assertThat(n).isCloseTo(3875, within(300)));
        assertThat(Arrays.stream(columns).boxed())
                .allSatisfy(n -> assertThat(n).isCloseTo(1000, within(150)));
        assertThat(flips).isCloseTo(15_500, within(400));
    }

    @Test
    void withoutFlipNothingIsMirroredAndWithoutMarginNothingIsCut() {
        for (int i = 0; i < 100; i++) {
            assertThat(Augmentation.of(0, false, 42, 0, i))
                    .isEqualTo(new Augmentation(0, 0, false));
        }
    }
}
