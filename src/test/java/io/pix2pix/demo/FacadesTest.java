package io.pix2pix.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.image.Pixels;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FacadesTest {
    @Test
    void theSameSeedDrawsTheSamePixels() {
        Facades.Pair first = Facades.draw(7, 128);
        Facades.Pair again = Facades.draw(7, 128);
        Facades.Pair other = Facades.draw(8, 128);

        assertThat(again.labels().bytes()).isEqualTo(first.labels().bytes());
        assertThat(again.facade().bytes()).isEqualTo(first.facade().bytes());
        assertThat(other.labels().bytes()).isNotEqualTo(first.labels().bytes());
        assertThat(other.facade().bytes()).isNotEqualTo(first.facade().bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 100, 128, 256, 513})
    void anySizeIsDrawn(int size) {
        Facades.Pair pair = Facades.draw(1, size);

        assertThat(pair.labels()).hasToString("%d x %d x 3, 8 bits".formatted(size, size));
        assertThat(pair.facade()).hasToString("%d x %d x 3, 8 bits".formatted(size, size));
    }

    @Test
    void aLabelMapHasNothingButLabels() {
        Set<Integer> known =
                Arrays.stream(Part.values()).map(Part::label).collect(Collectors.toSet());

        for (int seed = 0; seed < 30; seed++) {
            assertThat(known).containsAll(colors(Facades.draw(seed, 64).labels()));
        }
    }

    @Test
    void everyPartAppearsSomewhere() {
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < 30; seed++) {
            seen.addAll(colors(Facades.draw(seed, 128).labels()));
        }

        assertThat(seen).hasSize(Part.values().length);
    }

    /** What the labels say is what is seen: the same label looks alike in all pictures. */
    @Test
    void labelsExplainTheFacade() {
        double[] brick = meanWhere(Part.BRICK, 40);
        double[] plaster = meanWhere(Part.PLASTER, 40);
        double[] shutter = meanWhere(Part.SHUTTER, 40);

        assertThat(brick[0]).isGreaterThan(brick[2] + 40);
        assertThat(plaster[0]).isGreaterThan(180);
        assertThat(shutter[1]).isGreaterThan(shutter[0] + 15);
    }

    @Test
    void sideBySideHasTheLabelsLeft() {
        Facades.Pair pair = Facades.draw(3, 64);

        Pixels both = pair.sideBySide();

        assertThat(both).hasToString("128 x 64 x 3, 8 bits");
        for (int c = 0; c < 3; c++) {
            assertThat(both.sample(10, 20, c)).isEqualTo(pair.labels().sample(10, 20, c));
            assertThat(both.sample(74, 20, c)).isEqualTo(pair.facade().sample(10, 20, c));
        }
    }

    @Test
    void tooSmallASizeIsRefused() {
        assertThatThrownBy(() -> Facades.draw(1, 16))
                .hasMessage("A facade needs 32 pixels a side, not 16");
    }

    private static Set<Integer> colors(Pixels image) {
        Set<Integer> colors = new HashSet<>();
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                colors.add(color(image, x, y));
            }
        }
        return colors;
    }

    private static int color(Pixels image, int x, int y) {
        return (image.sample(x, y, 0) << 16) | (image.sample(x, y, 1) << 8) | image.sample(x, y, 2);
    }

    private static double[] meanWhere(Part part, int seeds) {
        double[] sum = new double[3];
        int count = 0;
        for (int seed = 0; seed < seeds; seed++) {
            Facades.Pair pair = Facades.draw(seed, 64);
            for (int i = 0; i < 64 * 64; i++) {
                if (color(pair.labels(), i % 64, i / 64) == part.label()) {
                    count++;
                    for (int c = 0; c < 3; c++) {
                        sum[c] += pair.facade().sample(i % 64, i / 64, c);
                    }
                }
            }
        }
        int pixels = count;
        return Arrays.stream(sum).map(s -> s / pixels).toArray();
    }
}
