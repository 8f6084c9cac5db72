package io.pix2pix.translation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.Json;
import io.pix2pix.event.ManifestEntry;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.AllowLists;
import io.pix2pix.storage.S3Uri;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The inputs that a user's manifest lists: a JSON string or {@code {"uri": ...}} a line, blank
 * lines aside. An output's key below the output prefix is the input's whole key.
 *
 * <p>The list has no order, so two inputs with one output are not found here but when the second is
 * written.
 */
final class ListedInputs implements Inputs {
    /** Room for a URI of the longest key with every character escaped. */
    private static final int MAX_LINE = 1 << 14;

    private final S3Uri source;
    private final Path file;
    private final OutputKeys outputs;
    private final AllowLists allow;

    /**
     * Reads the whole list once, so that a bad line rejects the job before any work is done.
     *
     * @param source the manifest's URI, for messages
     * @param file its content; deleted by {@link #close}
     * @param allow what the list may name
     * @throws io.pix2pix.failure.FailureException stage PLAN, MANIFEST_MALFORMED or NOT_ALLOWED,
     *     naming the line
     */
    ListedInputs(S3Uri source, Path file, OutputKeys outputs, AllowLists allow) {
        this.source = source;
        this.file = file;
        this.outputs = outputs;
        this.allow = allow;
        try (Lines lines = new Lines()) {
            while (lines.hasNext()) {
                lines.next();
            }
        }
    }

    @Override
    public Walk walk(long planned, @Nullable ManifestShard last) {
        Lines lines = new Lines();
        String at = null;
        for (long i = 0; i < planned && lines.hasNext(); i++) {
            at = lines.next().uri();
        }
        if (last != null && !last.lastEntry().uri().equals(at)) {
            lines.close();
            throw Failures.permanent(
                    Stage.PLAN,
                    "MANIFEST_CHANGED",
                    "%s changed while it was being planned: expected %s as input %d, found %s"
                            .formatted(source, last.lastEntry().uri(), planned, at));
        }
        return lines;
    }

    @Override
    public String nothingFound() {
        return "The manifest " + source + " lists no inputs";
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private S3Uri parse(String line, long number) {
        String found = line.length() <= 200 ? line : line.substring(0, 200) + "...";
        try {
            JsonNode json = Json.mapper().readTree(line);
            JsonNode uri = json.isObject() ? json.path("uri") : json;
            S3Uri input = uri.isTextual() ? S3Uri.parse(uri.textValue()) : null;
            if (input != null && !input.isPrefix()) {
                String field = "Line %d of %s: ".formatted(number, source);
                allow.requireInput(Stage.PLAN, field, input);
                return input;
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw malformed(number, found + " (" + e.getMessage() + ")");
        }
        throw malformed(number, found);
    }

    private RuntimeException malformed(long number, String found) {
        return Failures.permanent(
                Stage.PLAN,
                "MANIFEST_MALFORMED",
                "Line %d of %s: expected \"s3://bucket/key\" or {\"uri\": \"s3://bucket/key\"}, found %s"
                        .formatted(number, source, found));
    }

    private final class Lines implements Walk {
        private final BufferedReader reader;
        private long number;
        private @Nullable String line;

        Lines() {
            try {
                reader = Files.newBufferedReader(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            boolean more = true;
            while (more && (line == null || line.isBlank())) {
                number++;
                line = read();
                more = line != null;
            }
            return line != null && !line.isBlank();
        }

        /** A line without its end; null behind the last. */
        private @Nullable String read() {
            StringBuilder text = new StringBuilder();
            try {
                int c = reader.read();
                if (c < 0) {
                    return null;
                }
                while (c >= 0 && c != '\n') {
                    if (text.length() >= MAX_LINE) {
                        throw malformed(
                                number, "a line of more than %d characters".formatted(MAX_LINE));
                    }
                    text.append((char) c);
                    c = reader.read();
                }
                return text.toString();
            } catch (CharacterCodingException e) {
                throw malformed(number, "bytes that are no UTF-8 text");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public ManifestEntry next() {
            if (!hasNext() || line == null) {
                throw new java.util.NoSuchElementException();
            }
            S3Uri input = parse(line, number);
            line = null;
            return outputs.entry(input, null, -1, input.key(), null);
        }

        @Override
        public List<String> openKeys() {
            return List.of();
        }

        @Override
        public void close() {
            try {
                reader.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
