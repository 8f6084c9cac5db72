package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.Arrays;
import java.util.List;

/**
 * Which objects are open to jobs: a list of {@code s3://bucket/prefix}.
 *
 * <p>An entry permits every key of its bucket that starts with its prefix, letter by letter; end it
 * in a slash to mean a folder. {@code s3://} alone permits everything, an empty list nothing. To S3
 * a key is a name and nothing more, but servers that keep objects as files, and proxies on the way,
 * may resolve {@code ..}; so a list that does not permit everything permits no key with such a
 * segment, however it is escaped. Immutable.
 */
public final class AllowList {
    private static final String EVERYTHING = "s3://";

    private final String property;
    private final boolean everything;
    private final List<S3Uri> prefixes;

    /**
     * @param property where the entries come from, for messages
     * @throws IllegalArgumentException when an entry is no S3 URI or has a segment {@code ..}
     */
    public AllowList(String property, List<String> entries) {
        this.property = property;
        everything = entries.contains(EVERYTHING);
        prefixes =
                entries.stream()
                        .filter(entry -> !entry.equals(EVERYTHING))
                        .map(entry -> parse(property, entry))
                        .toList();
    }

    private static S3Uri parse(String property, String entry) {
        try {
            S3Uri uri = S3Uri.parse(entry);
            if (hasDotSegment(uri.key())) {
                throw new IllegalArgumentException("'" + entry + "' has a segment '.' or '..'");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(property + ": " + e.getMessage(), e);
        }
    }

    /** Whether the object, or every object below the prefix, is open. */
    public boolean permits(S3Uri uri) {
        return everything
                || (prefixes.stream().anyMatch(prefix -> isBelow(uri, prefix))
                        && !hasDotSegment(uri.key()));
    }

    private static boolean isBelow(S3Uri uri, S3Uri prefix) {
        return prefix.bucket().equals(uri.bucket()) && uri.key().startsWith(prefix.key());
    }

    private static boolean hasDotSegment(String key) {
        return Arrays.stream(unescaped(key).split("[/\\\\]"))
                .anyMatch(segment -> segment.equals(".") || segment.equals(".."));
    }

    /** Dots and slashes without their percent escapes, and those without theirs, and so on. */
    private static String unescaped(String key) {
        String before;
        String after = key;
        do {
            before = after;
            after =
                    before.replaceAll("%2[eE]", ".")
                            .replaceAll("%2[fF]", "/")
                            .replaceAll("%5[cC]", "/")
                            .replace("%25", "%");
        } while (!after.equals(before));
        return after;
    }

    /**
     * @param field what the message begins with, such as {@code "input.uri: "}
     * @throws FailureException code NOT_ALLOWED when the URI is not permitted
     */
    public void require(Stage stage, String field, S3Uri uri) {
        if (!permits(uri)) {
            throw new FailureException(
                    Failure.permanent(
                            stage,
                            "NOT_ALLOWED",
                            "%s%s is outside of what %s permits: %s"
                                    .formatted(field, uri, property, this)));
        }
    }

    boolean permitsBucket(String bucket) {
        return everything || prefixes.stream().anyMatch(prefix -> prefix.bucket().equals(bucket));
    }

    @Override
    public String toString() {
        return everything ? EVERYTHING : prefixes.toString();
    }
}
