package io.pix2pix.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A folder of reference data and the {@code case.json} that describes it.
 *
 * @param path the folder
 * @param description what {@code case.json} holds
 */
public record GoldenFolder(Path path, JsonNode description) {
    /** The system property that names the folder of folders. */
    public static final String PROPERTY = "pix2pix.golden";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The folders whose description fits, by name; none when there is no reference data. */
    public static List<GoldenFolder> all(Predicate<JsonNode> wanted) {
        Path root = Path.of(System.getProperty(PROPERTY, "../shared/golden"));
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.walk(root)) {
            return folders.filter(path -> path.endsWith("case.json"))
                    .sorted()
                    .map(GoldenFolder::read)
                    .filter(folder -> wanted.test(folder.description))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to list " + root, e);
        }
    }

    private static GoldenFolder read(Path description) {
        try {
            return new GoldenFolder(
                    description.resolveSibling("."), JSON.readTree(description.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to read " + description, e);
        }
    }

    public Path file(String name) {
        return path.resolve(name).normalize();
    }

    @Override
    public String toString() {
        return String.valueOf(path.normalize().getFileName());
    }
}
