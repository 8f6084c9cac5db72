package io.pix2pix.testing;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;

/** Image files made on the spot, the same for the same seed. */
public final class Pictures {
    private Pictures() {}

    /**
     * A colourful picture.
     *
     * @param format {@code png}, {@code jpg}, {@code bmp}, {@code gif}
     * @param type of {@link BufferedImage}
     */
    public static byte[] of(int width, int height, String format, int type, long seed) {
        BufferedImage image = new BufferedImage(width, height, type);
        Graphics2D g = image.createGraphics();
        Random random = new Random(seed);
        g.setColor(Color.LIGHT_GRAY);
        g.fillRect(0, 0, width, height);
        for (int i = 0; i < 30; i++) {
            g.setColor(new Color(random.nextInt(1 << 24)));
            g.fillOval(
                    random.nextInt(width), random.nextInt(height), width / 4 + 1, height / 4 + 1);
        }
        g.dispose();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            if (!ImageIO.write(image, format, out)) {
                throw new AssertionError("No writer for " + format + " of type " + type);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public static byte[] png(int width, int height, long seed) {
        return of(width, height, "png", BufferedImage.TYPE_INT_RGB, seed);
    }

    public static byte[] jpeg(int width, int height, long seed) {
        return of(width, height, "jpg", BufferedImage.TYPE_INT_RGB, seed);
    }

    /** The head of a PNG that says it has this size; there is no more to it. */
    public static byte[] pngHeader(int width, int height) {
        byte[] png = png(8, 8, 1);
        for (int i = 0; i < 4; i++) {
            png[16 + i] = (byte) (width >> (24 - 8 * i));
            png[20 + i] = (byte) (height >> (24 - 8 * i));
        }
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(png, 12, 17);
        for (int i = 0; i < 4; i++) {
            png[29 + i] = (byte) (crc.getValue() >> (24 - 8 * i));
        }
        return png;
    }
}
