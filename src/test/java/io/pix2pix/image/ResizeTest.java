package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against Pillow's algorithm written down plainly, one output sample at a time. */
class ResizeTest {
    @ParameterizedTest
    @CsvSource({
        "60, 60, 25, 25, 3",
        "61, 37, 29, 53, 3",
        "16, 16, 64, 64, 3",
        "16, 9, 16, 30, 3",
        "16, 9, 40, 9, 3",
        "45, 33, 20, 20, 1",
        "45, 33, 20, 20, 4",
        "1, 1, 5, 7, 3",
        "5, 7, 1, 1, 3",
        "200, 3, 7, 2, 3",
        "3, 200, 2, 300, 1"
    })
    void eightBitsAreAsPillowsToTheBit(
            int width, int height, int newWidth, int newHeight, int channels) {
        Pixels image = TestImages.noise8(width, height, channels, width * 31L + height);

        Pixels found = Resize.bicubic(image, newWidth, newHeight);

        assertThat(Comparison.levels(found, naive(image, newWidth, newHeight))).isZero();
    }

    @ParameterizedTest
    @CsvSource({"60, 60, 25, 25, 3", "16, 9, 40, 30, 1", "16, 9, 16, 30, 3", "7, 5, 1, 1, 3"})
    void sixteenBitsAreRoundedOnce(
            int width, int height, int newWidth, int newHeight, int channels) {
        Pixels image = TestImages.noise16(width, height, channels, width * 31L + height);

        Pixels found = Resize.bicubic(image, newWidth, newHeight);

        // Half a level is where the sum in single precision may fall to the other side.
        assertThat(Comparison.levels(found, naive(image, newWidth, newHeight)))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void sharpEdgesDoNotWrapAround() {
        byte[] samples = new byte[64 * 64];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) ((i % 64 < 32) == (i / 64 < 32) ? 255 : 0);
        }
        Pixels big = Resize.bicubic(Pixels.of8(64, 64, 1, samples), 200, 200);

        assertThat(big.sample(50, 50, 0)).isEqualTo(255);
        assertThat(big.sample(97, 20, 0)).isGreaterThan(200);
        assertThat(big.sample(102, 20, 0)).isLessThan(55);
    }

    @Test
    void anEvenAreaStaysEven() {
        byte[] samples = new byte[33 * 21 * 3];
        java.util.Arrays.fill(samples, (byte) 137);

        Pixels found = Resize.bicubic(Pixels.of8(33, 21, 3, samples), 50, 8);

        assertThat(found.bytes()).containsOnly(137);
    }

    @Test
    void theSameSizeIsTheSameImage() {
        Pixels image = TestImages.noise8(8, 8, 3, 1);

        assertThat(Resize.bicubic(image, 8, 8)).isSameAs(image);
    }

    private static Pixels naive(Pixels image, int width, int height) {
        double[][] rows = new double[image.height()][width * image.channels()];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < image.channels(); c++) {
                    double[] line = new double[image.width()];
                    for (int i = 0; i < line.length; i++) {
                        line[i] = image.sample(i, y, c);
                    }
                    rows[y][x * image.channels() + c] = at(line, x, width, image.bits());
                }
            }
        }
        Pixels out =
                image.bits() == 8
                        ? Pixels.of8(
                                width,
                                height,
                                image.channels(),
                                new byte[width * height * image.channels()])
                        : Pixels.of16(
                                width,
                                height,
                                image.channels(),
                                new short[width * height * image.channels()]);
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < width * image.channels(); i++) {
                double[] line = new double[image.height()];
                for (int j = 0; j < line.length; j++) {
                    line[j] = rows[j][i];
                }
                double v = at(line, y, height, image.bits());
                if (image.bits() == 8) {
                    out.bytes()[y * width * image.channels() + i] = (byte) (int) v;
                } else {
                    long rounded = Math.max(0, Math.min(65535, Math.round(v)));
                    out.shorts()[y * width * image.channels() + i] = (short) rounded;
                }
            }
        }
        return out;
    }

    /** One output sample of a line; with 8 bits by rounded weights, rounded and clipped. */
    private static double at(double[] line, int x, int size, int bits) {
        if (size == line.length) {
            return line[x];
        }
        double scale = (double) line.length / size;
        double stretch = Math.max(1, scale);
        double center = (x + 0.5) * scale;
        int from = Math.max(0, (int) (center - 2 * stretch + 0.5));
        int to = Math.min(line.length, (int) (center + 2 * stretch + 0.5));
        double total = 0;
        for (int i = from; i < to; i++) {
            total += kernel((i - center + 0.5) / stretch);
        }
        double sum = 0;
        for (int i = from; i < to; i++) {
            double weight = kernel((i - center + 0.5) / stretch) / total;
            sum += line[i] * (bits == 8 ? Math.rint(weight * (1 << 22)) / (1 << 22) : weight);
        }
        return bits == 8 ? Math.max(0, Math.min(255, Math.floor(sum + 0.5))) : sum;
    }

    /** Keys' cubic convolution with a = -1/2. */
    private static double kernel(double x) {
        double d = Math.abs(x);
        if (d < 1) {
            return 1.5 * d * d * d - 2.5 * d * d + 1;
        }
        return d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
    }
}
