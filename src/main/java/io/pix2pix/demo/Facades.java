package io.pix2pix.demo;

import io.pix2pix.demo.FacadePlan.Element;
import io.pix2pix.image.BufferedImages;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Resize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;

/**
 * Building facades and their label maps, drawn by the program: pictures to try a network on that
 * belong to nobody. The same seed and size give the same pixels.
 *
 * <p>A label map says by flat colours what is where (wall of brick, plaster or stone, window, door,
 * balcony, ...); the facade is what that looks like in daylight. So there is something to learn,
 * and a small network learns it in a minute.
 */
public final class Facades {
    public static final int DEFAULT_SIZE = 256;

    /** Facades are painted larger and reduced, which makes their edges as soft as a lens would. */
    private static final int OVERSAMPLING = 2;

    private static final double GRAIN = 2.5;

    private Facades() {}

    /**
     * @param labels [height, width, 3], 8 bits
     * @param facade likewise
     */
    public record Pair(Pixels labels, Pixels facade) {
        /** Labels left, facade right, as the reference implementation's data sets have them. */
        public Pixels sideBySide() {
            int row = labels.width() * 3;
            byte[] both = new byte[labels.bytes().length * 2];
            for (int y = 0; y < labels.height(); y++) {
                System.arraycopy(labels.bytes(), y * row, both, 2 * y * row, row);
                System.arraycopy(facade.bytes(), y * row, both, (2 * y + 1) * row, row);
            }
            return Pixels.of8(2 * labels.width(), labels.height(), 3, both);
        }
    }

    /**
     * Draws one building.
     *
     * @param size width and height of each picture, pixels, at least 32
     */
    public static Pair draw(long seed, int size) {
        if (size < 32) {
            throw new IllegalArgumentException("A facade needs 32 pixels a side, not " + size);
        }
        List<Element> plan = FacadePlan.of(seed, size, size);
        return new Pair(labels(plan, size), facade(plan, size, seed));
    }

    private static Pixels labels(List<Element> plan, int size) {
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        for (Element element : plan) {
            g.setColor(new Color(element.part().label()));
            g.fill(element.place());
        }
        g.dispose();
        return BufferedImages.pixels(image);
    }

    private static Pixels facade(List<Element> plan, int size, long seed) {
        int large = size * OVERSAMPLING;
        BufferedImage image = new BufferedImage(large, large, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        for (Element element : plan) {
            Rectangle place = element.place();
            Rectangle at =
                    new Rectangle(
                            place.x * OVERSAMPLING,
                            place.y * OVERSAMPLING,
                            place.width * OVERSAMPLING,
                            place.height * OVERSAMPLING);
            new PartPainter(g, at, large, element.look()).paint(element.part());
        }
        g.dispose();
        Pixels photo = Resize.bicubic(BufferedImages.pixels(image), size, size);
        expose(photo, new Random(seed));
        return photo;
    }

    /** The sun stands to the left; the film has a grain. */
    private static void expose(Pixels photo, Random random) {
        byte[] samples = photo.bytes();
        for (int i = 0; i < samples.length; i += 3) {
            double light = 1.05 - 0.12 * (i / 3 % photo.width()) / photo.width();
            double grain = random.nextGaussian() * GRAIN;
            for (int c = 0; c < 3; c++) {
                long value = Math.round((samples[i + c] & 0xFF) * light + grain);
                samples[i + c] = (byte) Math.max(0, Math.min(255, value));
            }
        }
    }
}
