package io.pix2pix.dataset;

import io.pix2pix.image.Pixels;

/**
 * From samples to the network's numbers in [-1, 1], as the reference does it in float32: (v / 255 -
 * 0.5) / 0.5; for 16 bits v / 65535.
 */
final class PixelScale {
    private static final float[] OF_8_BITS = new float[256];

    static {
        for (int v = 0; v < OF_8_BITS.length; v++) {
            OF_8_BITS[v] = scale(v, 255);
        }
    }

    private PixelScale() {}

    private static float scale(int v, int greatest) {
        return ((float) v / greatest - 0.5f) / 0.5f;
    }

    /**
     * Writes a square cut of a picture as [C, H, W].
     *
     * @param side of the square, pixels
     * @param offset where in {@code out} it begins
     */
    static void write(Pixels picture, Augmentation cut, int side, float[] out, int offset) {
        int channels = picture.channels();
        int step = cut.flip() ? -channels : channels;
        int firstColumn = cut.flip() ? cut.x() + side - 1 : cut.x();
        byte[] bytes = picture.bytes();
        short[] shorts = picture.shorts();
        boolean eight = picture.bits() == 8;
        for (int c = 0; c < channels; c++) {
            int to = offset + c * side * side;
            for (int y = 0; y < side; y++) {
                int from = ((cut.y() + y) * picture.width() + firstColumn) * channels + c;
                for (int x = 0; x < side; x++, from += step, to++) {
                    out[to] =
                            eight
                                    ? OF_8_BITS[bytes[from] & 0xFF]
                                    : scale(shorts[from] & 0xFFFF, 65535);
                }
            }
        }
    }
}
