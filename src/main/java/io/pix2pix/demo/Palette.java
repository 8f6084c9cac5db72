package io.pix2pix.demo;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The 256 colours that show a picture best, by median cut (Heckbert 1982): a file with an index a
 * pixel is a quarter of one with three samples.
 */
final class Palette {
    private static final int COLORS = 256;

    /** Colours are counted in cells of 8 × 8 × 8 levels. */
    private static final int CELL_BITS = 5;

    private static final int CELLS = 1 << (3 * CELL_BITS);

    private Palette() {}

    /** A copy of {@code image} that has at most 256 colours, not dithered. */
    static BufferedImage reduce(BufferedImage image) {
        int width = image.getWidth();
        int[] rgb = image.getRGB(0, 0, width, image.getHeight(), null, 0, width);
        long[] count = new long[CELLS];
        long[][] sums = new long[3][CELLS];
        for (int color : rgb) {
            int cell = cell(color);
            count[cell]++;
            for (int c = 0; c < 3; c++) {
                sums[c][cell] += color >> (16 - 8 * c) & 0xFF;
            }
        }
        List<Box> boxes = cut(count);
        byte[] indexOfCell = new byte[CELLS];
        byte[][] colors = new byte[3][boxes.size()];
        for (int i = 0; i < boxes.size(); i++) {
            for (int c = 0; c < 3; c++) {
                colors[c][i] = (byte) boxes.get(i).mean(sums[c], count);
            }
            for (int cell : boxes.get(i).cells()) {
                indexOfCell[cell] = (byte) i;
            }
        }
        IndexColorModel model =
                new IndexColorModel(8, boxes.size(), colors[0], colors[1], colors[2]);
        BufferedImage reduced =
                new BufferedImage(width, image.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, model);
        byte[] indices = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            indices[i] = indexOfCell[cell(rgb[i])];
        }
        reduced.getRaster().setDataElements(0, 0, width, image.getHeight(), indices);
        return reduced;
    }

    /** Cuts the box that matters most in two until there are enough. */
    private static List<Box> cut(long[] count) {
        List<Integer> used = new ArrayList<>();
        for (int cell = 0; cell < CELLS; cell++) {
            if (count[cell] > 0) {
                used.add(cell);
            }
        }
        List<Box> boxes = new ArrayList<>(List.of(Box.of(used, count)));
        while (boxes.size() < COLORS) {
            Box worst = boxes.stream().max(Comparator.comparingDouble(Box::weight)).orElseThrow();
            if (worst.cells().size() < 2) {
                break;
            }
            boxes.remove(worst);
            boxes.addAll(worst.halves(count));
        }
        return boxes;
    }

    private static int cell(int rgb) {
        int drop = 8 - CELL_BITS;
        int red = rgb >> (16 + drop) & 0x1F;
        int green = rgb >> (8 + drop) & 0x1F;
        int blue = rgb >> drop & 0x1F;
        return (red << (2 * CELL_BITS)) | (green << CELL_BITS) | blue;
    }

    /**
     * Some of the cells.
     *
     * @param axis the colour in which they differ most: 0 blue, 1 green, 2 red
     * @param weight how much would be won by cutting it
     */
    private record Box(List<Integer> cells, int axis, double weight) {
        static Box of(List<Integer> cells, long[] count) {
            int axis = 0;
            int widest = 0;
            for (int a = 0; a < 3; a++) {
                int shift = a * CELL_BITS;
                int low = cells.stream().mapToInt(c -> c >> shift & 0x1F).min().orElse(0);
                int high = cells.stream().mapToInt(c -> c >> shift & 0x1F).max().orElse(0);
                if (high - low > widest) {
                    axis = a;
                    widest = high - low;
                }
            }
            double pixels = cells.stream().mapToLong(c -> count[c]).sum();
            return new Box(cells, axis, Math.sqrt(pixels) * widest);
        }

        /** Two boxes with about as many pixels each. */
        List<Box> halves(long[] count) {
            List<Integer> sorted = new ArrayList<>(cells);
            sorted.sort(Comparator.comparingInt(c -> (c >> (axis * CELL_BITS)) & 0x1F));
            long half = cells.stream().mapToLong(c -> count[c]).sum() / 2;
            long seen = 0;
            int cut = 0;
            while (cut < sorted.size() - 1 && (cut == 0 || seen < half)) {
                seen += count[sorted.get(cut)];
                cut++;
            }
            return List.of(
                    of(sorted.subList(0, cut), count),
                    of(sorted.subList(cut, sorted.size()), count));
        }

        long mean(long[] sums, long[] count) {
            long pixels = cells.stream().mapToLong(c -> count[c]).sum();
            long sum = cells.stream().mapToLong(c -> sums[c]).sum();
            return (sum + pixels / 2) / pixels;
        }
    }
}
