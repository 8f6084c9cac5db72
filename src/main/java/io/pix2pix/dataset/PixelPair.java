package io.pix2pix.dataset;

import io.pix2pix.image.Pixels;

/**
 * A pair's pictures, decoded and resized to one size.
 *
 * @param input what the generator is given
 * @param target what it shall make of it
 */
record PixelPair(Pixels input, Pixels target) {
    /** Memory, bytes. */
    long bytes() {
        return bytes(input) + bytes(target);
    }

    private static long bytes(Pixels pixels) {
        return (long) pixels.width() * pixels.height() * pixels.channels() * pixels.bits() / 8;
    }
}
