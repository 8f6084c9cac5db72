package io.pix2pix.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes short texts into pictures with letters of its own: Java's need fonts to be installed, and
 * a container seldom has any.
 */
public final class Lettering {
    private static final int ROWS = 8;
    private static final int COLUMNS = 5;

    /** With the gap to the next letter. */
    private static final int ADVANCE = COLUMNS + 1;

    private static final Map<Integer, List<String>> LETTERS = load();

    private Lettering() {}

    /** Height of a line in pixels, descenders included, at {@code scale} pixels a dot. */
    public static int height(int scale) {
        return ROWS * scale;
    }

    /** Width of a text in pixels. */
    public static int width(String text, int scale) {
        return Math.max(0, text.codePointCount(0, text.length()) * ADVANCE - 1) * scale;
    }

    /** The text cut in its middle, with two dots there, to fit into {@code width} pixels. */
    public static String fit(String text, int width, int scale) {
        int[] letters = text.codePoints().toArray();
        int most = (width / scale + 1) / ADVANCE;
        if (letters.length <= most || most < 4) {
            return letters.length <= most ? text : "";
        }
        int head = (most - 2) / 2;
        int tail = most - 2 - head;
        return new String(letters, 0, head)
                + ".."
                + new String(letters, letters.length - tail, tail);
    }

    /** Writes with the upper left corner at (x, y); a question mark for letters that it lacks. */
    public static void write(Graphics2D g, String text, int x, int y, int scale, Color color) {
        g.setColor(color);
        int at = x;
        for (int letter : text.codePoints().toArray()) {
            List<String> rows = LETTERS.get(letter);
            List<String> drawn =
                    rows != null ? rows : Objects.requireNonNull(LETTERS.get((int) '?'));
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    if (drawn.get(row).charAt(column) == '1') {
                        g.fillRect(at + column * scale, y + row * scale, scale, scale);
                    }
                }
            }
            at += ADVANCE * scale;
        }
    }

    private static Map<Integer, List<String>> load() {
        try (InputStream in = Lettering.class.getResourceAsStream("letters.txt")) {
            InputStream found = Objects.requireNonNull(in, "letters.txt is not in the jar");
            return new BufferedReader(new InputStreamReader(found, StandardCharsets.US_ASCII))
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> List.of(line.split(" ", -1)))
                    .collect(
                            Collectors.toUnmodifiableMap(
                                    line -> Integer.valueOf(line.get(0)),
                                    line -> line.subList(1, 1 + ROWS)));
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to read letters.txt", e);
        }
    }
}
