package io.pix2pix.storage;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * {@code s3://bucket/key}. The key is the object's own, nothing is percent-decoded: S3 keys may
 * hold spaces, percent signs and any other character.
 *
 * @param bucket the bucket's name
 * @param key the object's key or a prefix of keys; empty for the whole bucket
 */
public record S3Uri(String bucket, String key) {
    private static final String SCHEME = "s3://";

    /**
     * What S3 has ever taken, and the names of access points; the rest is for the server to say.
     */
    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]*");

    public S3Uri {
        Objects.requireNonNull(key, "key");
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException("No bucket name: '" + bucket + "'");
        }
    }

    /**
     * Reads {@code s3://bucket/key}.
     *
     * @throws IllegalArgumentException when the text is no such URI
     */
    public static S3Uri parse(String uri) {
        if (!uri.startsWith(SCHEME)) {
            throw new IllegalArgumentException(
                    "Expected a URI like s3://bucket/key, found '" + uri + "'");
        }
        int slash = uri.indexOf('/', SCHEME.length());
        String bucket = slash < 0 ? uri.substring(SCHEME.length()) : uri.substring(5, slash);
        if (bucket.isEmpty()) {
            throw new IllegalArgumentException("No bucket in '" + uri + "'");
        }
        return new S3Uri(bucket, slash < 0 ? "" : uri.substring(slash + 1));
    }

    /** Whether this names all keys below a prefix (it ends in a slash or names a bucket only). */
    public boolean isPrefix() {
        return key.isEmpty() || key.endsWith("/");
    }

    /** This URI with {@code below} appended to its key. */
    public S3Uri resolve(String below) {
        return new S3Uri(bucket, key + below);
    }

    @Override
    public String toString() {
        return SCHEME + bucket + "/" + key;
    }
}
