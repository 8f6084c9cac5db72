package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

/** How far two images are apart. */
final class Comparison {
    private Comparison() {}

    /** The largest difference of any sample; the shapes must be equal. */
    static int levels(Pixels found, Pixels expected) {
        assertThat(found.toString()).isEqualTo(expected.toString());
        int largest = 0;
        for (int y = 0; y < found.height(); y++) {
            for (int x = 0; x < found.width(); x++) {
                for (int c = 0; c < found.channels(); c++) {
                    int difference = found.sample(x, y, c) - expected.sample(x, y, c);
                    largest = Math.max(largest, Math.abs(difference));
                }
            }
        }
        return largest;
    }

    /** The mean absolute difference of all samples; the shapes must be equal. */
    static double meanLevels(Pixels found, Pixels expected) {
        assertThat(found.toString()).isEqualTo(expected.toString());
        long sum = 0;
        for (int y = 0; y < found.height(); y++) {
            for (int x = 0; x < found.width(); x++) {
                for (int c = 0; c < found.channels(); c++) {
                    sum += Math.abs(found.sample(x, y, c) - expected.sample(x, y, c));
                }
            }
        }
        return (double) sum / found.width() / found.height() / found.channels();
    }

    /**
     * The largest difference between an image on the scale -1 to 1 and an array [1, C, H, W].
     *
     * @param flip whether the array is mirrored left to right
     */
    static double toArray(Pixels image, boolean flip, float[] array) {
        assertThat(array).hasSize(image.width() * image.height() * image.channels());
        double largest = 0;
        int i = 0;
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < image.width(); x++) {
                    int from = flip ? image.width() - 1 - x : x;
                    double found = image.sample(from, y, c) / 127.5 - 1;
                    largest = Math.max(largest, Math.abs(found - array[i++]));
                }
            }
        }
        return largest;
    }
}
