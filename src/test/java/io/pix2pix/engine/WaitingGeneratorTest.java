package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.image.Pixels;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingGeneratorTest {

    @Test
    void givesBackWhatItWasGiven() {
        Pixels image = Pixels.of8(2, 1, 3, new byte[] {1, 2, 3, 4, 5, 6});
        try (Generator generator = new WaitingGenerator(3, 3, 1, Duration.ZERO)) {
            assertThat(generator.translate(List.of(image, image))).containsExactly(image, image);
        }
    }

    @Test
    void givesEightBitsAndTheChannelsItWasTold() {
        Pixels image = Pixels.of16(2, 1, 1, new short[] {(short) 0xFFFF, 0x1234});
        try (Generator generator = new WaitingGenerator(1, 3, 1, Duration.ZERO)) {
            Pixels found = generator.translate(List.of(image)).get(0);
            assertThat(found.bytes()).containsExactly(0xFF, 0xFF, 0xFF, 0x12, 0x12, 0x12);
        }
    }

    @Test
    void takesItsTimeForEachImage() {
        Pixels image = Pixels.of8(1, 1, 1, new byte[1]);
        long start = System.nanoTime();
        try (Generator generator = new WaitingGenerator(1, 1, 1, Duration.ofMillis(10))) {
            generator.translate(List.of(image, image, image));
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
    }
}
