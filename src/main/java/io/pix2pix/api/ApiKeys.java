package io.pix2pix.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The API keys that are known, as hashes. A plain SHA-256 is enough for keys that are random and
 * long: there is nothing to guess that a slower hash would protect. Immutable.
 */
final class ApiKeys {
    private static final Pattern ENTRY =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9._@-]*):(viewer|operator):([0-9a-fA-F]{64})");

    private record Entry(Caller caller, byte[] hash) {}

    private final List<Entry> entries;

    private ApiKeys(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * @throws IllegalArgumentException when an entry is none; the message does not repeat it, since
     *     it may be a key
     */
    static ApiKeys of(ApiConfig config) {
        List<Entry> entries = new ArrayList<>();
        read("pix2pix.api.keys", config.keys().orElse(List.of()), entries);
        config.keysFile()
                .ifPresent(file -> read("pix2pix.api.keys-file " + file, lines(file), entries));
        return new ApiKeys(entries);
    }

    private static void read(String source, List<String> lines, List<Entry> entries) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher entry = ENTRY.matcher(line);
            if (!entry.matches()) {
                throw new IllegalArgumentException(
                        "%s, entry %d: expected name:role:hash, the role viewer or operator, the hash a SHA-256 of 64 hexadecimal digits"
                                .formatted(source, i + 1));
            }
            ApiRole role = ApiRole.valueOf(entry.group(2).toUpperCase(Locale.ROOT));
            entries.add(
                    new Entry(
                            new Caller(entry.group(1), role),
                            HexFormat.of().parseHex(entry.group(3))));
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "pix2pix.api.keys-file: failed to read %s: %s".formatted(file, e), e);
        }
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whose key it is; takes the same time whichever it is, and when it is none. */
    Optional<Caller> find(String key) {
        byte[] hash = sha256(key);
        Optional<Caller> found = Optional.empty();
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(hash, entry.hash())) {
                found = Optional.of(entry.caller());
            }
        }
        return found;
    }

    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
