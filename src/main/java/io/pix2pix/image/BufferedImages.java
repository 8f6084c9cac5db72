package io.pix2pix.image;

import java.awt.image.BufferedImage;

/** Between what Java paints on and what the rest of the program works with. */
public final class BufferedImages {
    private BufferedImages() {}

    /** Red-green-blue of 8 bits. */
    public static Pixels pixels(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] rgb = image.getRGB(0, 0, width, height, null, 0, width);
        byte[] samples = new byte[rgb.length * 3];
        for (int i = 0; i < rgb.length; i++) {
            samples[3 * i] = (byte) (rgb[i] >> 16);
            samples[3 * i + 1] = (byte) (rgb[i] >> 8);
            samples[3 * i + 2] = (byte) rgb[i];
        }
        return Pixels.of8(width, height, 3, samples);
    }

    /**
     * What a person can see of a picture: red-green-blue, with the upper 8 of 16 bits.
     *
     * @param pixels one or two channels are shown as the first in gray, more as the first three
     */
    public static BufferedImage image(Pixels pixels) {
        BufferedImage image =
                new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        int last = pixels.channels() < 3 ? 0 : 2;
        int shift = pixels.bits() - 8;
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                int red = pixels.sample(x, y, 0) >> shift;
                int green = pixels.sample(x, y, Math.min(1, last)) >> shift;
                int blue = pixels.sample(x, y, Math.min(2, last)) >> shift;
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }
}
