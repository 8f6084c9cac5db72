package io.pix2pix.demo;

import io.pix2pix.image.BufferedImages;
import io.pix2pix.image.Lettering;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Resize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * One picture that shows at a glance what a network does: rows of input beside output (beside
 * target), two rows next to each other, with captions. Not larger than asked for: thumbnails shrink
 * until the file fits.
 */
public final class ContactSheet {
    /** Small enough to look at anywhere. */
    public static final int DEFAULT_MAX_BYTES = 300_000;

    private static final int LARGEST_THUMBNAIL = 160;
    private static final int SMALLEST_THUMBNAIL = 48;
    private static final int THUMBNAIL_STEP = 8;
    private static final int ABREAST = 2;

    /** ImageIO's scale for PNG: deflate tries its hardest. */
    private static final float SMALLEST_FILE = 0;

    private static final int MARGIN = 16;
    private static final int GAP = 4;
    private static final int GUTTER = 20;
    private static final int TITLE_SCALE = 2;
    private static final int TEXT_SCALE = 1;
    private static final int LINE = Lettering.height(TEXT_SCALE) + 4;

    private static final Color PAPER = new Color(0xFAFAF8);
    private static final Color INK = new Color(0x202428);
    private static final Color GRAY_INK = new Color(0x707880);
    private static final Color RULE = new Color(0xD8DADC);

    private final String title;
    private final String subtitle;
    private final List<String> headings;
    private final List<Row> rows;

    /**
     * @param caption stands below the pictures, such as the file's name
     * @param pictures as many as there are headings; 1 or 3 channels, 8 bits, any sizes
     */
    public record Row(String caption, List<Pixels> pictures) {
        public Row {
            pictures = List.copyOf(pictures);
        }
    }

    /**
     * @param title one line
     * @param subtitle one line in gray, such as what made the outputs; may be empty
     * @param headings above the pictures: "input", "output" and perhaps "target"
     * @param rows at least one
     */
    public ContactSheet(String title, String subtitle, List<String> headings, List<Row> rows) {
        if (rows.isEmpty() || headings.isEmpty()) {
            throw new IllegalArgumentException("A contact sheet needs rows and headings");
        }
        for (Row row : rows) {
            if (row.pictures().size() != headings.size()) {
                throw new IllegalArgumentException(
                        "%s has %d pictures, expected %d"
                                .formatted(row.caption(), row.pictures().size(), headings.size()));
            }
        }
        this.title = title;
        this.subtitle = subtitle;
        this.headings = List.copyOf(headings);
        this.rows = List.copyOf(rows);
    }

    /** A PNG of at most {@link #DEFAULT_MAX_BYTES}. */
    public byte[] png() {
        return png(DEFAULT_MAX_BYTES);
    }

    /**
     * A PNG with the largest thumbnails that fit into {@code maxBytes}; it is larger only where the
     * smallest do not fit either.
     */
    public byte[] png(int maxBytes) {
        int side = LARGEST_THUMBNAIL;
        byte[] file = encode(draw(side));
        while (file.length > maxBytes && side > SMALLEST_THUMBNAIL) {
            side -= THUMBNAIL_STEP;
            file = encode(draw(side));
        }
        return file;
    }

    private BufferedImage draw(int side) {
        int group = headings.size() * (side + GAP) - GAP;
        int abreast = Math.min(ABREAST, rows.size());
        int lines = (rows.size() + abreast - 1) / abreast;
        int header = MARGIN + Lettering.height(TITLE_SCALE) + GAP + 2 * LINE + GAP;
        int pitch = side + LINE + GAP + GAP;
        int width = 2 * MARGIN + abreast * (group + GUTTER) - GUTTER;
        BufferedImage sheet =
                new BufferedImage(
                        width, header + lines * pitch + MARGIN - GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sheet.createGraphics();
        g.setColor(PAPER);
        g.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        header(g, width - 2 * MARGIN);
        for (int i = 0; i < abreast; i++) {
            headings(g, MARGIN + i * (group + GUTTER), header, side);
        }
        for (int i = 0; i < rows.size(); i++) {
            int x = MARGIN + i % abreast * (group + GUTTER);
            row(g, rows.get(i), x, header + i / abreast * pitch, side, group);
        }
        g.dispose();
        return sheet;
    }

    private static byte[] encode(BufferedImage sheet) {
        var bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(SMALLEST_FILE);
            writer.setOutput(out);
            writer.write(null, new IIOImage(Palette.reduce(sheet), null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to write a PNG to memory", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private void header(Graphics2D g, int width) {
        int y = MARGIN;
        write(g, title, MARGIN, y, width, TITLE_SCALE, INK);
        y += Lettering.height(TITLE_SCALE) + GAP;
        write(g, subtitle, MARGIN, y, width, TEXT_SCALE, GRAY_INK);
    }

    private void headings(Graphics2D g, int x, int header, int side) {
        int y = header - LINE - GAP / 2;
        for (int i = 0; i < headings.size(); i++) {
            int left = x + i * (side + GAP);
            write(g, headings.get(i), left, y, side, TEXT_SCALE, GRAY_INK);
            g.setColor(RULE);
            g.fillRect(left, header - GAP, side, 1);
        }
    }

    private void row(Graphics2D g, Row row, int x, int y, int side, int group) {
        for (int i = 0; i < row.pictures().size(); i++) {
            Pixels thumbnail = thumbnail(row.pictures().get(i), side);
            int left = x + i * (side + GAP) + (side - thumbnail.width()) / 2;
            int top = y + (side - thumbnail.height()) / 2;
            g.drawImage(BufferedImages.image(thumbnail), left, top, null);
        }
        write(g, row.caption(), x, y + side + GAP, group, TEXT_SCALE, INK);
    }

    /** The whole picture within a square. */
    private static Pixels thumbnail(Pixels picture, int side) {
        int longest = Math.max(picture.width(), picture.height());
        int width = Math.max(1, Math.round((float) picture.width() * side / longest));
        int height = Math.max(1, Math.round((float) picture.height() * side / longest));
        return Resize.bicubic(picture, width, height);
    }

    private static void write(
            Graphics2D g, String text, int x, int y, int width, int scale, Color color) {
        Lettering.write(g, Lettering.fit(text, width, scale), x, y, scale, color);
    }
}
