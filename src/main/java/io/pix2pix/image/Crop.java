package io.pix2pix.image;

import java.awt.Rectangle;

/** Cuts rectangles out of images. */
public final class Crop {
    private Crop() {}

    /**
     * Copies the {@code width} by {@code height} pixels whose upper left corner is (x, y).
     *
     * @throws IllegalArgumentException the rectangle is empty or not inside the image
     */
    public static Pixels of(Pixels image, int x, int y, int width, int height) {
        return of(image, new Rectangle(x, y, width, height));
    }

    static Pixels of(Pixels image, Rectangle part) {
        boolean inside =
                !part.isEmpty() && new Rectangle(image.width(), image.height()).contains(part);
        if (!inside) {
            throw new IllegalArgumentException(
                    "%d x %d pixels from (%d, %d) are not inside %s"
                            .formatted(part.width, part.height, part.x, part.y, image));
        }
        if (part.width == image.width() && part.height == image.height()) {
            return image;
        }
        int row = part.width * image.channels();
        int rowIn = image.width() * image.channels();
        int from = part.y * rowIn + part.x * image.channels();
        Pixels out = image.blank(part.width, part.height);
        for (int y = 0; y < part.height; y++) {
            System.arraycopy(image.samples(), from + y * rowIn, out.samples(), y * row, row);
        }
        return out;
    }
}
