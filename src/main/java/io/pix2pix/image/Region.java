package io.pix2pix.image;

import java.awt.Rectangle;

/**
 * Which part of a picture is meant: all of it, or one half of a side-by-side pair.
 *
 * <p>Where the width is odd the right half has the extra column, as in the reference
 * implementation's {@code aligned_dataset}.
 */
public enum Region {
    WHOLE,
    LEFT,
    RIGHT;

    /** Copies this part out of {@code image}; {@code WHOLE} gives {@code image} itself. */
    public Pixels of(Pixels image) {
        return this == WHOLE ? image : Crop.of(image, in(image.width(), image.height()));
    }

    /** This part of a picture of {@code width} by {@code height} pixels. */
    Rectangle in(int width, int height) {
        int half = width / 2;
        return switch (this) {
            case WHOLE -> new Rectangle(0, 0, width, height);
            case LEFT -> new Rectangle(0, 0, half, height);
            case RIGHT -> new Rectangle(half, 0, width - half, height);
        };
    }
}
