package io.pix2pix.demo;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.Rectangle;
import java.awt.Shape;
import java.util.Random;

/** Paints one part of a facade as it looks in daylight. */
final class PartPainter {
    private static final Color SHADE = new Color(0, 0, 0, 90);
    private static final Color SOFT_SHADE = new Color(0, 0, 0, 40);
    private static final Color SHINE = new Color(255, 255, 255, 70);
    private static final Color NOTHING = new Color(0, 0, 0, 0);

    private final Graphics2D g;
    private final Random random;
    private final int x;
    private final int y;
    private final int w;
    private final int h;

    /** The thinnest line that is still seen, pixels. */
    private final int line;

    /**
     * @param at where, in the picture's pixels
     * @param size of the picture, which all thicknesses follow
     */
    PartPainter(Graphics2D g, Rectangle at, int size, long look) {
        this.g = g;
        this.random = new Random(look);
        this.x = at.x;
        this.y = at.y;
        this.w = at.width;
        this.h = at.height;
        this.line = Math.max(1, size / 128);
    }

    void paint(Part part) {
        Shape whole = g.getClip();
        switch (part) {
            case SKY -> sky();
            case PAVEMENT -> pavement();
            case ROOF -> roof();
            case BRICK -> blocks(6 * line, 2 * line, 0xA25B47, 0xC0A898, 16);
            case PLASTER -> plaster();
            case STONE -> blocks(16 * line, 7 * line, 0xA9A49A, 0x8A857C, 9);
            case PILASTER -> raised(0xCFC8B8, false);
            case CORNICE -> raised(0xDCD5C6, true);
            case WINDOW -> window();
            case SILL -> raised(0xD8D2C6, true);
            case SHUTTER -> shutter();
            case BALCONY -> balcony();
            case DOOR -> door();
            case SHOP -> shop();
        }
        g.setClip(whole);
    }

    private void sky() {
        gradient(0x7FA9DC, 0xDCE6EE);
        g.clipRect(x, y, w, h);
        for (int i = 0; i < 14; i++) {
            int cloud = w / 8 + random.nextInt(w / 5);
            g.setColor(new Color(255, 255, 255, 26));
            g.fillOval(random.nextInt(w) - cloud / 2, random.nextInt(h / 4), cloud, cloud / 3);
        }
    }

    private void pavement() {
        gradient(0x8C8A86, 0xA5A29C);
        g.setColor(SOFT_SHADE);
        for (int i = x; i < x + w; i += 12 * line) {
            g.fillRect(i, y, line, h);
        }
        fade(y, h / 2, SHADE);
    }

    private void roof() {
        gradient(0x59606C, 0x3D434D);
        g.setColor(SOFT_SHADE);
        for (int i = y; i < y + h; i += 3 * line) {
            g.fillRect(x, i, w, line);
        }
        int chimney = 5 * line;
        g.setColor(new Color(0x8A5244));
        g.fillRect(x + w / 5 + random.nextInt(w / 2), y - chimney, chimney, chimney + line);
    }

    /** Courses of bricks or ashlars, each a little different. */
    private void blocks(int width, int height, int face, int joint, int variation) {
        fill(joint);
        g.clipRect(x, y, w, h);
        for (int row = 0; row * height < h; row++) {
            int shift = row % 2 * width / 2;
            for (int column = 0; column * width - shift < w; column++) {
                g.setColor(shaded(face, random.nextInt(2 * variation + 1) - variation));
                g.fillRect(
                        x + column * width - shift,
                        y + row * height,
                        width - line / 2 - 1,
                        height - line / 2 - 1);
            }
        }
    }

    private void plaster() {
        fill(0xE2CB9C);
        g.clipRect(x, y, w, h);
        for (int i = 0; i < 60; i++) {
            int stain = h / 10 + random.nextInt(h / 5);
            g.setColor(
                    random.nextBoolean() ? new Color(255, 255, 255, 10) : new Color(90, 60, 20, 9));
            g.fillOval(
                    x + random.nextInt(w) - stain / 2,
                    y + random.nextInt(h) - stain / 2,
                    stain,
                    stain);
        }
        fade(y + h * 7 / 8, -h / 4, new Color(90, 70, 40, 60));
    }

    /** A bar of light stone that stands out; a broad one throws its shadow below. */
    private void raised(int color, boolean throwsShadow) {
        if (throwsShadow) {
            fade(y + h, Math.max(h, 3 * line), SHADE);
        }
        gradient(shaded(color, 16).getRGB(), shaded(color, -22).getRGB());
        g.setColor(SHINE);
        g.fillRect(x, y, w, line);
        g.fillRect(x, y, line, h);
        g.setColor(SHADE);
        g.fillRect(x + w - line, y, line, h);
    }

    private void window() {
        fill(0xEFEBE2);
        int frame = 2 * line;
        glass(x + frame, y + frame, w - 2 * frame, h - 2 * frame);
        g.setColor(new Color(0xE6E1D6));
        g.fillRect(x + w / 2 - line / 2, y, line, h);
        g.fillRect(x, y + h / 3, w, line);
        fade(y, Math.max(2 * line, h / 8), SHADE);
    }

    private void glass(int gx, int gy, int gw, int gh) {
        if (gw <= 0 || gh <= 0) {
            return;
        }
        Shape before = g.getClip();
        g.clipRect(gx, gy, gw, gh);
        g.setPaint(new GradientPaint(0, gy, new Color(0x6F86A0), 0, gy + gh, new Color(0x222A33)));
        g.fillRect(gx, gy, gw, gh);
        if (random.nextInt(3) == 0) {
            g.setColor(new Color(235, 228, 210, 150));
            g.fillRect(gx, gy, gw / 4, gh);
            g.fillRect(gx + gw - gw / 4, gy, gw / 4, gh);
        }
        g.setColor(SHINE);
        int slant = gx + gw / 4 + random.nextInt(Math.max(1, gw / 3));
        g.fill(
                new Polygon(
                        new int[] {slant, slant + gw / 3, slant - gh / 3 + gw / 3, slant - gh / 3},
                        new int[] {gy, gy, gy + gh, gy + gh},
                        4));
        g.setClip(before);
    }

    private void shutter() {
        fill(0x3F6B52);
        g.setColor(SHADE);
        for (int i = y + line; i < y + h; i += 2 * line) {
            g.fillRect(x + line, i, w - 2 * line, Math.max(1, line / 2));
        }
        g.fillRect(x + w - Math.max(1, line / 2), y, Math.max(1, line / 2), h);
        g.setColor(SHINE);
        g.fillRect(x, y, Math.max(1, line / 2), h);
    }

    private void balcony() {
        int slab = Math.max(2 * line, h / 6);
        fade(y + h, h / 2, SHADE);
        g.setColor(new Color(20, 22, 26, 60));
        g.fillRect(x, y, w, h - slab);
        g.setColor(new Color(0x23262B));
        g.fillRect(x, y, w, line);
        for (int i = x; i < x + w; i += 3 * line) {
            g.fillRect(i, y, line, h - slab);
        }
        g.setPaint(
                new GradientPaint(
                        0, y + h - slab, new Color(0xDDD7CA), 0, y + h, new Color(0xA39D90)));
        g.fillRect(x, y + h - slab, w, slab);
    }

    private void door() {
        fill(0xD9D2C2);
        int frame = 2 * line;
        int light = h / 4;
        glass(x + frame, y + frame, w - 2 * frame, light - frame);
        g.setPaint(new GradientPaint(x, 0, new Color(0x7A4A2A), x + w, 0, new Color(0x51301A)));
        g.fillRect(x + frame, y + light, w - 2 * frame, h - light);
        g.setColor(SHADE);
        int panel = (w - 2 * frame) / 2;
        for (int column = 0; column < 2; column++) {
            int px = x + frame + column * panel;
            g.drawRect(px + line, y + light + 2 * line, panel - 3 * line, (h - light) / 3);
            g.drawRect(px + line, y + light + (h - light) / 2, panel - 3 * line, (h - light) / 3);
        }
        g.fillRect(x + w / 2 - line / 2, y + light, line, h - light);
        g.setColor(new Color(0xE8C860));
        g.fillOval(x + w / 2 + line, y + light + (h - light) / 2, 2 * line, 2 * line);
        fade(y, h / 6, SHADE);
    }

    private void shop() {
        int sign = h / 5;
        fill(0x2E3A34);
        int frame = 2 * line;
        int gy = y + sign + frame;
        int gh = h - sign - 4 * frame;
        g.setPaint(new GradientPaint(0, gy, new Color(0xE9C98A), 0, gy + gh, new Color(0x5A4630)));
        g.fillRect(x + frame, gy, w - 2 * frame, gh);
        for (int i = 0; i < 6; i++) {
            int goods = Math.max(2 * line, w / 10);
            g.setColor(Color.getHSBColor(random.nextFloat(), 0.5f, 0.7f));
            int gx = x + frame + random.nextInt(Math.max(1, w - 2 * frame - goods));
            g.fillRect(gx, gy + gh - goods, goods, goods);
        }
        g.setColor(new Color(0x2E3A34));
        g.fillRect(x + w / 2 - line, gy, 2 * line, gh);
        g.setColor(new Color(0xD8C9A0));
        g.fillRect(x + w / 4, y + sign / 3, w / 2, Math.max(line, sign / 3));
        awning(gy, Math.max(3 * line, gh / 4));
    }

    private void awning(int top, int drop) {
        int stripe = Math.max(2 * line, w / 9);
        for (int i = 0; i * stripe < w; i++) {
            g.setColor(new Color(i % 2 == 0 ? 0xB23A34 : 0xEDE6D8));
            g.fillRect(x + i * stripe, top, Math.min(stripe, w - i * stripe), drop);
        }
        fade(top + drop, drop, SHADE);
    }

    private void fill(int rgb) {
        g.setColor(new Color(rgb));
        g.fillRect(x, y, w, h);
    }

    private void gradient(int top, int bottom) {
        g.setPaint(new GradientPaint(0, y, new Color(top), 0, y + h, new Color(bottom)));
        g.fillRect(x, y, w, h);
    }

    /**
     * A shadow from {@code from} on, fading out over {@code length}, which is negative for upwards.
     */
    private void fade(int from, int length, Color shadow) {
        if (length == 0) {
            return;
        }
        g.setPaint(new GradientPaint(0, from, shadow, 0, from + length, NOTHING));
        g.fillRect(x, Math.min(from, from + length), w, Math.abs(length));
    }

    private static Color shaded(int rgb, int by) {
        Color color = new Color(rgb);
        return new Color(
                clip(color.getRed() + by), clip(color.getGreen() + by), clip(color.getBlue() + by));
    }

    private static int clip(int v) {
        return Math.max(0, Math.min(255, v));
    }
}
