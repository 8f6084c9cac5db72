package io.pix2pix.training;

import io.pix2pix.image.BufferedImages;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Lettering;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Resize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * What a generator makes at some point of its training, for a person to judge: rows of input,
 * generated picture and target, pixel by pixel where they are not larger than 512.
 */
public final class SampleSheet {
    private static final int LARGEST_SIDE = 512;
    private static final int GAP = 4;
    private static final int LINE = Lettering.height(1) + GAP;
    private static final List<String> HEADINGS = List.of("input", "generated", "target");
    private static final Color PAPER = new Color(0xFAFAF8);
    private static final Color INK = new Color(0x202428);

    /**
     * Pictures of any size, channels and bits.
     *
     * @param name of the pair, written below
     */
    public record Row(String name, Pixels input, Pixels generated, Pixels target) {
        private List<Pixels> pictures() {
            return List.of(input, generated, target);
        }
    }

    private SampleSheet() {}

    /**
     * Draws the sheet as a PNG of 8 bits, red-green-blue.
     *
     * @param rows at least one
     */
    public static byte[] png(List<Row> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("A sample sheet needs rows");
        }
        List<List<Pixels>> pictures =
                rows.stream()
                        .map(row -> row.pictures().stream().map(SampleSheet::bounded).toList())
                        .toList();
        int column =
                pictures.stream().flatMap(List::stream).mapToInt(Pixels::width).max().orElse(1);
        int width = HEADINGS.size() * (column + GAP) + GAP;
        int height = GAP + LINE + pictures.stream().mapToInt(row -> height(row) + LINE + GAP).sum();
        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(PAPER);
        g.fillRect(0, 0, width, height);
        for (int i = 0; i < HEADINGS.size(); i++) {
            write(g, HEADINGS.get(i), GAP + i * (column + GAP), GAP, column);
        }
        int y = GAP + LINE;
        for (int r = 0; r < rows.size(); r++) {
            List<Pixels> row = pictures.get(r);
            for (int i = 0; i < row.size(); i++) {
                int x = GAP + i * (column + GAP);
                g.drawImage(BufferedImages.image(row.get(i)), x, y, null);
            }
            y += height(row) + GAP;
            write(g, rows.get(r).name(), GAP, y, width - 2 * GAP);
            y += LINE;
        }
        g.dispose();
        return Encoder.png(BufferedImages.pixels(sheet));
    }

    private static int height(List<Pixels> row) {
        return row.stream().mapToInt(Pixels::height).max().orElse(1);
    }

    private static Pixels bounded(Pixels picture) {
        int longest = Math.max(picture.width(), picture.height());
        if (longest <= LARGEST_SIDE) {
            return picture;
        }
        return Resize.bicubic(
                picture,
                Math.max(1, picture.width() * LARGEST_SIDE / longest),
                Math.max(1, picture.height() * LARGEST_SIDE / longest));
    }

    private static void write(Graphics2D g, String text, int x, int y, int width) {
        Lettering.write(g, Lettering.fit(text, width, 1), x, y, 1, INK);
    }
}
