package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.pix2pix.event.TrainingEvent;
import io.pix2pix.image.Pixels;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValidationMetricsTest {
    @Test
    void equalPicturesAreAsNearAsCanBe() {
        Pixels picture = noise(20, 16, 1, 1);

        ValidationMetrics metrics = ValidationMetrics.of(picture, picture);

        assertThat(metrics.l1()).isZero();
        assertThat(metrics.psnr()).isInfinite();
        assertThat(metrics.ssim()).isCloseTo(1, within(1e-12));
    }

    @Test
    void differencesOfOneLevelAreWhatTheFormulasSay() {
        ValidationMetrics metrics = ValidationMetrics.of(flat(100), flat(101));

        assertThat(metrics.l1()).isCloseTo(1 / 127.5, within(1e-12));
        assertThat(metrics.psnr()).isCloseTo(20 * Math.log10(255), within(1e-9));
        double c1 = 2.55 * 2.55;
        assertThat(metrics.ssim())
                .isCloseTo((2 * 100 * 101 + c1) / (100 * 100 + 101 * 101 + c1), within(1e-9));
    }

    @Test
    void meansStayFiniteWithEqualPictures() {
        TrainingEvent.Metrics mean =
                ValidationMetrics.mean(
                        List.of(
                                ValidationMetrics.of(flat(7), flat(7)),
                                new ValidationMetrics(0.5, 20, 0.5)),
                        "s3://b/sheet.png");

        assertThat(mean).isEqualTo(new TrainingEvent.Metrics(0.25, 60, 0.75, "s3://b/sheet.png"));
    }

    @Test
    void picturesThatCannotBeComparedAreRefused() {
        Pixels picture = noise(20, 16, 3, 1);
        for (Pixels other :
                List.of(
                        noise(16, 20, 3, 1),
                        noise(20, 16, 1, 1),
                        Pixels.of16(20, 16, 3, new short[20 * 16 * 3]))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ValidationMetrics.of(picture, other));
        }
        Pixels small = noise(10, 16, 3, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> ValidationMetrics.of(small, small));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ValidationMetrics.mean(List.of(), null));
    }

    private static Pixels flat(int level) {
        byte[] samples = new byte[12 * 12 * 3];
        Arrays.fill(samples, (byte) level);
        return Pixels.of8(12, 12, 3, samples);
    }

    private static Pixels noise(int width, int height, int channels, long seed) {
        byte[] samples = new byte[width * height * channels];
        new Random(seed).nextBytes(samples);
        return Pixels.of8(width, height, channels, samples);
    }
}
