package io.pix2pix.dataset;

import io.pix2pix.failure.FailureException;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The files of a dataset that cannot be trained on, with the reason for each. Names the first of
 * them in the order of their names and counts the rest. Safe for use by many threads.
 */
final class Misfits {
    private static final int NAMED = 20;

    private final TreeMap<String, String> named = new TreeMap<>();
    private int count;

    /**
     * @param file what names it to the user, its URI
     * @param reason expected and found
     */
    synchronized void add(String file, String reason) {
        count++;
        named.put(file, reason);
        if (named.size() > NAMED) {
            named.pollLastEntry();
        }
    }

    synchronized boolean isEmpty() {
        return count == 0;
    }

    /** Code BAD_PAIRS. */
    synchronized FailureException failure() {
        String list =
                named.entrySet().stream()
                        .map(e -> e.getKey() + ": " + e.getValue())
                        .collect(Collectors.joining("; "));
        int more = count - named.size();
        return Failures.permanent(
                "BAD_PAIRS",
                "%d %s the dataset %s not fit: %s%s"
                        .formatted(
                                count,
                                count == 1 ? "file of" : "files of",
                                count == 1 ? "does" : "do",
                                list,
                                more == 0 ? "" : "; and " + more + " more"));
    }
}
