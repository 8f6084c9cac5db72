package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderTest {
    private final Decoder decoder = new Decoder();

    @ParameterizedTest
    @CsvSource({
        "256, 256, 3",
        "256, 256, 1",
        "1, 1, 3",
        "1, 1, 1",
        "7, 1, 3",
        "1, 9, 1",
        "33, 17, 3"
    })
    void pngKeepsEverySample(int width, int height, int channels) {
        Pixels image = TestImages.noise8(width, height, channels, 1);

        Pixels back = decoder.decode(Encoder.png(image), channels);

        assertThat(Comparison.levels(back, image)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"3", "1"})
    void otherProgramsReadThePng(int channels) throws IOException {
        Pixels image = TestImages.photo(61, 43, channels, 2);

        BufferedImage back = ImageIO.read(new ByteArrayInputStream(Encoder.png(image)));

        assertThat(back.getRaster().getNumBands()).isEqualTo(channels);
        for (int y = 0; y < 43; y++) {
            for (int x = 0; x < 61; x++) {
                for (int c = 0; c < channels; c++) {
                    assertThat(back.getRaster().getSample(x, y, c))
                            .isEqualTo(image.sample(x, y, c));
                }
            }
        }
    }

    @Test
    void photographsGetSmallerAsPng() {
        Pixels image = TestImages.photo(256, 256, 3, 3);

        assertThat(Encoder.png(image)).hasSizeLessThan(image.bytes().length * 3 / 4);
    }

    @ParameterizedTest
    @CsvSource({"1, 95, 4", "1, 60, 12", "3, 95, 40"})
    void jpegLooksTheSame(int channels, int quality, int meanLevelsTimesTen) {
        Pixels image = smooth(channels);

        Pixels back = decoder.decode(Encoder.jpeg(image, quality), channels);

        assertThat(Comparison.meanLevels(back, image)).isLessThan(meanLevelsTimesTen / 10.0);
    }

    @Test
    void lowerQualityMakesSmallerFiles() {
        Pixels image = TestImages.photo(128, 128, 3, 5);

        assertThat(Encoder.jpeg(image, 50)).hasSizeLessThan(Encoder.jpeg(image, 90).length);
    }

    @Test
    void theSamePixelsGiveTheSameBytes() {
        Pixels image = TestImages.photo(100, 80, 3, 6);
        Pixels twin = TestImages.photo(100, 80, 3, 6);

        assertThat(Encoder.png(image)).isEqualTo(Encoder.png(twin));
        assertThat(Encoder.jpeg(image, 90)).isEqualTo(Encoder.jpeg(twin, 90));
    }

    @Test
    void refusesWhatTheFormatsDoNotHold() {
        Pixels two = TestImages.noise8(4, 4, 2, 7);
        Pixels deep = TestImages.noise16(4, 4, 3, 8);

        assertThatThrownBy(() -> Encoder.png(two))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> assertThat(e.failure().code()).isEqualTo("UNSUPPORTED_PIXELS"))
                .hasMessage("Expected 1 or 3 channels of 8 bits, found 4 x 4 x 2, 8 bits");
        assertThatThrownBy(() -> Encoder.jpeg(deep, 90)).isInstanceOf(FailureException.class);
    }

    private static Pixels smooth(int channels) {
        byte[] samples = new byte[96 * 64 * channels];
        for (int i = 0; i < samples.length; i++) {
            int x = i / channels % 96;
            int y = i / channels / 96;
            samples[i] = (byte) (40 + x + y + 10 * (i % channels));
        }
        return Pixels.of8(96, 64, channels, samples);
    }
}
