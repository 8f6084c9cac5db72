package io.pix2pix.image;

/**
 * How a picture has to be turned to stand upright: the EXIF tag 0x0112, values 1 to 8.
 *
 * <p>Source: CIPA DC-008 (Exif 2.32), 4.6.4 A.
 */
enum Orientation {
    NORMAL(false, false, false),
    MIRRORED(false, true, false),
    UPSIDE_DOWN(false, true, true),
    FLIPPED(false, false, true),
    TRANSPOSED(true, false, false),
    TURN_RIGHT(true, false, true),
    TRANSVERSED(true, true, true),
    TURN_LEFT(true, true, false);

    private final boolean swapsAxes;
    private final boolean fromRight;
    private final boolean fromBottom;

    /**
     * @param swapsAxes the upright picture's rows are the stored one's columns
     * @param fromRight stored columns are read from right to left
     * @param fromBottom stored rows are read from the bottom up
     */
    Orientation(boolean swapsAxes, boolean fromRight, boolean fromBottom) {
        this.swapsAxes = swapsAxes;
        this.fromRight = fromRight;
        this.fromBottom = fromBottom;
    }

    /** The orientation of a tag's value; values that mean nothing leave the picture as it is. */
    static Orientation ofTag(int value) {
        return value >= 1 && value <= 8 ? values()[value - 1] : NORMAL;
    }

    /** Whether the upright picture is as wide as the stored one is high. */
    boolean swapsAxes() {
        return swapsAxes;
    }

    /** The upright picture; {@code image} itself where it is upright already. */
    Pixels apply(Pixels image) {
        if (this == NORMAL) {
            return image;
        }
        int width = swapsAxes ? image.height() : image.width();
        int height = swapsAxes ? image.width() : image.height();
        int channels = image.channels();
        int columnStep = (fromRight ? -1 : 1) * channels;
        int rowStep = (fromBottom ? -1 : 1) * image.width() * channels;
        int corner =
                (fromRight ? (image.width() - 1) * channels : 0)
                        + (fromBottom ? (image.height() - 1) * image.width() * channels : 0);
        int stepX = swapsAxes ? rowStep : columnStep;
        int stepY = swapsAxes ? columnStep : rowStep;
        Object in = image.samples();
        Pixels upright = image.blank(width, height);
        int to = 0;
        for (int y = 0; y < height; y++) {
            int from = corner + y * stepY;
            for (int x = 0; x < width; x++) {
                System.arraycopy(in, from, upright.samples(), to, channels);
                from += stepX;
                to += channels;
            }
        }
        return upright;
    }
}
