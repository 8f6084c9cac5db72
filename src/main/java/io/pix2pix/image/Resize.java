package io.pix2pix.image;

/**
 * Bicubic resizing with antialiasing, to the last bit like Pillow's {@code Image.resize(size,
 * BICUBIC)}, which the reference implementation uses for training and translating.
 *
 * <p>Pillow's way (Resample.c): a cubic kernel (a = -0.5) that is stretched by the scale when
 * shrinking; weights that sum to one, as integers of 22 bits behind the point; first along the
 * rows, rounded to 8 bits, then along the columns. Images of 16 bits are summed up in double
 * precision and rounded once.
 */
public final class Resize {
    private Resize() {}

    /**
     * Scales to {@code width} by {@code height} pixels, whatever the image's shape.
     *
     * @return the same number of channels and bits; {@code image} itself where the size fits
     *     already
     */
    public static Pixels bicubic(Pixels image, int width, int height) {
        if (width == image.width() && height == image.height()) {
            return image;
        }
        Weights across = Weights.of(image.width(), width);
        Weights down = Weights.of(image.height(), height);
        Pixels out = image.blank(width, height);
        if (image.bits() == 8) {
            new Resize8(image, across, down).into(out.bytes());
        } else {
            Resize16.resize(image, across, down, out.shorts());
        }
        return out;
    }
}
