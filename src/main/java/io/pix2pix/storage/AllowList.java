package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.List;

/**
 * Which objects jobs may read and write: a list of {@code s3://bucket/prefix}.
 *
 * <p>An entry permits every key of its bucket that starts with its prefix; end it in a slash to
 * mean a folder. {@code s3://} alone permits everything, an empty list nothing. Immutable.
 */
public final class AllowList {
    private static final String EVERYTHING = "s3://";

    private final boolean everything;
    private final List<S3Uri> prefixes;

    /**
     * @throws IllegalArgumentException when an entry is no S3 URI
     */
    public AllowList(List<String> entries) {
        everything = entries.contains(EVERYTHING);
        prefixes =
                entries.stream()
                        .filter(entry -> !entry.equals(EVERYTHING))
                        .map(S3Uri::parse)
                        .toList();
    }

    /** Whether the object, or every object below the prefix, may be read and written. */
    public boolean permits(S3Uri uri) {
        return everything
                || prefixes.stream()
                        .anyMatch(
                                prefix ->
                                        prefix.bucket().equals(uri.bucket())
                                                && uri.key().startsWith(prefix.key()));
    }

    /**
     * @throws FailureException code NOT_ALLOWED when the URI is not permitted
     */
    public void require(Stage stage, S3Uri uri) {
        if (!permits(uri)) {
            throw new FailureException(
                    Failure.permanent(
                            stage,
                            "NOT_ALLOWED",
                            "%s is outside of what pix2pix.storage.allow permits: %s"
                                    .formatted(uri, this)));
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
