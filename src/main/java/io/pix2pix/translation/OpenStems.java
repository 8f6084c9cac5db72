package io.pix2pix.translation;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys that would be written to one output, in a sorted listing, with a few strings of
 * memory.
 *
 * <p>An output's key is the input's <i>stem</i> (the key without its extension) plus the format's
 * extension, so two inputs collide when their stems are equal. Keys of one stem {@code s} are
 * {@code s} itself and {@code s.ext}; all of them, and whatever sorts between them, lie in [s, s/),
 * since '.' is the byte before '/'. So a stem can be forgotten when a key comes that neither is it
 * nor continues it with a byte below '/'. Stems that are open together continue one another, hence
 * a stack: {@code a}, {@code a-1.png}, {@code a.mask.png}, {@code a.png}.
 *
 * <p>Not thread-safe.
 */
final class OpenStems {
    private record Open(String stem, String firstKey) {}

    private final Deque<Open> open = new ArrayDeque<>();

    OpenStems() {}

    /**
     * Goes on where another left off.
     *
     * @param firstKeys what {@link #firstKeys} gave
     */
    OpenStems(Collection<String> firstKeys) {
        firstKeys.forEach(key -> open.addLast(new Open(stem(key), key)));
    }

    /**
     * Takes the next key.
     *
     * @param key greater than every key before, by UTF-8 bytes
     * @return the first key that has the same stem; null when this is the first
     */
    @Nullable String add(String key) {
        while (!open.isEmpty() && !continues(key, open.getLast().stem())) {
            open.removeLast();
        }
        String stem = stem(key);
        for (Open o : open) {
            if (o.stem().equals(stem)) {
                return o.firstKey();
            }
        }
        open.addLast(new Open(stem, key));
        return null;
    }

    /** The first key of every stem that a coming key may still have, oldest first. */
    List<String> firstKeys() {
        return open.stream().map(Open::firstKey).toList();
    }

    private static boolean continues(String key, String stem) {
        return key.startsWith(stem)
                && (key.length() == stem.length() || key.charAt(stem.length()) < '/');
    }

    /**
     * The key without its last segment's extension; a dot that begins a segment begins no
     * extension.
     */
    static String stem(String key) {
        int name = key.lastIndexOf('/') + 1;
        int dot = key.lastIndexOf('.');
        return dot > name ? key.substring(0, dot) : key;
    }
}
