package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RegionTest {
    private final Pixels five = Pixels.of8(5, 2, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

    @Test
    void theRightHalfHasTheOddColumn() {
        assertThat(Region.LEFT.of(five).bytes()).containsExactly(1, 2, 6, 7);
        assertThat(Region.RIGHT.of(five).bytes()).containsExactly(3, 4, 5, 8, 9, 10);
        assertThat(Region.WHOLE.of(five)).isSameAs(five);
    }

    @Test
    void aRectangleHasToLieInside() {
        assertThat(Crop.of(five, 1, 1, 2, 1).bytes()).containsExactly(7, 8);
        assertThatThrownBy(() -> Crop.of(five, 4, 0, 2, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 x 1 pixels from (4, 0) are not inside 5 x 2 x 1, 8 bits");
        assertThatThrownBy(() -> Crop.of(five, 0, 0, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
