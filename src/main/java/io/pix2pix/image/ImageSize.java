package io.pix2pix.image;

/**
 * How large a picture is when it stands upright.
 *
 * @param width pixels
 * @param height pixels
 */
public record ImageSize(int width, int height) {
    @Override
    public String toString() {
        return width + " x " + height;
    }
}
