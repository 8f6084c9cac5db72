package io.pix2pix.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the files. */
final class Files {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).findAndRegisterModules();

    private Files() {}

    static String text(String path) {
        try {
            return java.nio.file.Files.readString(Path.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The documents of a file. */
    static List<JsonNode> yaml(String path) {
        return documents(text(path));
    }

    static List<JsonNode> documents(String yaml) {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(yaml)) {
            return documents.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every document of every file below a folder that Kubernetes is given. */
    static List<JsonNode> base() {
        List<JsonNode> all = new ArrayList<>();
        try (Stream<Path> files = java.nio.file.Files.list(Path.of("k8s", "base"))) {
            files.filter(file -> !file.endsWith("kustomization.yaml"))
                    .sorted()
                    .forEach(file -> all.addAll(yaml(file.toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    static List<JsonNode> of(List<JsonNode> documents, String kind) {
        return documents.stream().filter(d -> d.path("kind").asText().equals(kind)).toList();
    }

    static Set<String> names(List<JsonNode> documents, String kind) {
        Set<String> names = new TreeSet<>();
        of(documents, kind).forEach(d -> names.add(d.at("/metadata/name").asText()));
        return names;
    }

    /** Everything that a pattern's first group finds. */
    static Set<String> found(String pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }
}
