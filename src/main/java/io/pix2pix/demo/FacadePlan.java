package io.pix2pix.demo;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Designs a building: what is where, from back to front. Lengths are shares of the picture's width
 * and height until they are rounded to pixels.
 */
final class FacadePlan {
    /** A rectangle of one kind; {@code look} seeds what varies in how it is painted. */
    record Element(Part part, Rectangle place, long look) {}

    private static final Part[] WALLS = {Part.BRICK, Part.PLASTER, Part.STONE};

    private final Random random;
    private final int width;
    private final int height;
    private final List<Element> elements = new ArrayList<>();

    private FacadePlan(long seed, int width, int height) {
        this.random = new Random(seed);
        this.width = width;
        this.height = height;
    }

    /** The same for the same seed and size. */
    static List<Element> of(long seed, int width, int height) {
        FacadePlan plan = new FacadePlan(seed, width, height);
        plan.design();
        return List.copyOf(plan.elements);
    }

    private void design() {
        double pavement = between(0.05, 0.08);
        double left = chance(0.3) ? between(0.04, 0.09) : 0;
        double right = chance(0.3) ? between(0.04, 0.09) : 0;
        double wide = 1 - left - right;
        double eaves = between(0.13, 0.22);
        double roof = between(0.05, 0.1);
        double foot = 1 - pavement;
        add(Part.SKY, 0, 0, 1, 1);
        add(Part.PAVEMENT, 0, foot, 1, pavement);
        add(Part.ROOF, left + 0.02, eaves - roof, wide - 0.04, roof);
        add(WALLS[random.nextInt(WALLS.length)], left, eaves, wide, foot - eaves);
        if (chance(0.5)) {
            add(Part.PILASTER, left, eaves, 0.035, foot - eaves);
            add(Part.PILASTER, left + wide - 0.035, eaves, 0.035, foot - eaves);
        }
        double ground = foot - between(0.2, 0.26);
        int columns = 3 + random.nextInt(3);
        upperFloors(left, wide, eaves + 0.05, ground - 0.01, columns);
        add(Part.CORNICE, left - 0.012, eaves - 0.01, wide + 0.024, 0.035);
        add(Part.CORNICE, left, ground - 0.012, wide, 0.024);
        groundFloor(left, wide, ground + 0.02, foot, columns);
    }

    private void upperFloors(double left, double wide, double top, double bottom, int columns) {
        int floors = 2 + random.nextInt(3);
        double cellWidth = wide / columns;
        double cellHeight = (bottom - top) / floors;
        double windowWidth = cellWidth * between(0.38, 0.52);
        double windowHeight = cellHeight * between(0.6, 0.7);
        boolean shutters = chance(0.4);
        boolean sills = chance(0.6);
        for (int floor = 0; floor < floors; floor++) {
            boolean balconies = chance(0.35);
            double y = top + floor * cellHeight + 0.5 * (cellHeight - windowHeight);
            for (int column = 0; column < columns; column++) {
                double x = left + (column + 0.5) * cellWidth - 0.5 * windowWidth;
                window(x, y, windowWidth, windowHeight, cellWidth, shutters, sills && !balconies);
                boolean hasBalcony = balconies && (columns % 2 == 0 || column % 2 == 1);
                if (hasBalcony) {
                    double balcony = windowHeight * 0.42;
                    double span = Math.min(cellWidth * 0.92, windowWidth * 1.7);
                    double start = x + 0.5 * (windowWidth - span);
                    add(Part.BALCONY, start, y + windowHeight * 1.06 - balcony, span, balcony);
                }
            }
        }
    }

    private void window(
            double x, double y, double w, double h, double cell, boolean shutters, boolean sill) {
        add(Part.WINDOW, x, y, w, h);
        if (shutters) {
            double shutter = Math.min(0.5 * w, 0.45 * (cell - w));
            add(Part.SHUTTER, x - shutter, y, shutter, h);
            add(Part.SHUTTER, x + w, y, shutter, h);
        }
        if (sill) {
            add(Part.SILL, x - 0.12 * w, y + h, w * 1.24, 0.018);
        }
    }

    private void groundFloor(double left, double wide, double top, double foot, int columns) {
        double cell = wide / columns;
        int doorAt = random.nextInt(columns);
        boolean shops = chance(0.6);
        for (int column = 0; column < columns; column++) {
            double x = left + column * cell;
            if (column == doorAt) {
                double door = cell * 0.5;
                add(Part.DOOR, x + 0.5 * (cell - door), top, door, foot - top);
            } else if (shops) {
                add(Part.SHOP, x + 0.07 * cell, top, 0.86 * cell, foot - top - 0.015);
            } else {
                double w = cell * 0.5;
                double h = (foot - top) * 0.55;
                add(Part.WINDOW, x + 0.5 * (cell - w), top + 0.01, w, h);
                add(Part.SILL, x + 0.5 * (cell - w) - 0.01, top + 0.01 + h, w + 0.02, 0.018);
            }
        }
    }

    private void add(Part part, double x, double y, double w, double h) {
        int left = (int) Math.round(x * width);
        int top = (int) Math.round(y * height);
        int right = (int) Math.round((x + w) * width);
        int bottom = (int) Math.round((y + h) * height);
        Rectangle place =
                new Rectangle(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
        elements.add(new Element(part, place, random.nextLong()));
    }

    private double between(double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
