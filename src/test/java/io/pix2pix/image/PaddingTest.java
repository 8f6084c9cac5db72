package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaddingTest {
    @Test
    void mirrorsWithoutRepeatingTheEdge() {
        Pixels image = Pixels.of8(3, 2, 1, new byte[] {1, 2, 3, 4, 5, 6});

        Pixels padded = Padding.reflect(image, 5, 4);

        assertThat(padded.bytes())
                .containsExactly(1, 2, 3, 2, 1, 4, 5, 6, 5, 4, 1, 2, 3, 2, 1, 4, 5, 6, 5, 4);
    }

    @Test
    void mirrorsToAndFroWhereTheImageIsSmallerThanItsPadding() {
        Pixels image = Pixels.of8(3, 1, 1, new byte[] {1, 2, 3});

        assertThat(Padding.reflect(image, 8).bytes())
                .startsWith(1, 2, 3, 2, 1, 2, 3, 2)
                .hasSize(64);
    }

    @Test
    void repeatsASinglePixel() {
        Pixels image = Pixels.of16(1, 1, 3, new short[] {1000, -2, 3});

        Pixels padded = Padding.reflect(image, 2);

        assertThat(padded.shorts())
                .containsExactly(1000, -2, 3, 1000, -2, 3, 1000, -2, 3, 1000, -2, 3);
    }

    @ParameterizedTest
    @CsvSource({"200, 100, 256, 256, 256", "257, 256, 256, 512, 256", "10, 13, 4, 12, 16"})
    void growsToTheNextMultiples(int width, int height, int multiple, int newWidth, int newHeight) {
        Pixels image = TestImages.noise8(width, height, 3, 1);

        Pixels padded = Padding.reflect(image, multiple);

        assertThat(padded.width()).isEqualTo(newWidth);
        assertThat(padded.height()).isEqualTo(newHeight);
        Pixels back = Padding.cropBack(padded, width, height);
        assertThat(Comparison.levels(back, image)).isZero();
    }

    @Test
    void leavesWhatFits() {
        Pixels image = TestImages.noise8(64, 32, 3, 1);

        assertThat(Padding.reflect(image, 32)).isSameAs(image);
        assertThat(Padding.cropBack(image, 64, 32)).isSameAs(image);
        assertThatThrownBy(() -> Padding.reflect(image, 63, 32))
                .hasMessage("Padding to 63 x 32 would cut 64 x 32 x 3, 8 bits");
    }
}
