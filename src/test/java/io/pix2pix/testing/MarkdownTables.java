package io.pix2pix.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads the tables of a document. */
public final class MarkdownTables {
    private MarkdownTables() {}

    /** The cells of every line of every table, headings among them. */
    public static List<List<String>> rows(Path document) {
        try {
            return Files.readAllLines(document).stream()
                    .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
                    .map(line -> line.substring(1, line.lastIndexOf('|')))
                    .map(
                            line ->
                                    Arrays.stream(line.split("(?<!\\\\)\\|", -1))
                                            .map(String::strip)
                                            .toList())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
