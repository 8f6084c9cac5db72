package io.pix2pix.storage;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The objects that jobs read and write, on S3 or anything that speaks its protocol.
 *
 * <p>Every method may be called from any thread and blocks until the answer is there. Transient
 * faults (throttling, 5xx, timeouts, resets, short bodies) are retried with backoff inside; what
 * still fails is a {@link io.pix2pix.failure.FailureException} whose message names the URI, with
 * code {@code NOT_FOUND}, {@code NO_BUCKET}, {@code ACCESS_DENIED}, {@code NOT_ALLOWED} (outside
 * the allow-list) or {@code STORAGE_UNAVAILABLE} (retriable).
 */
public final class ObjectStore implements AutoCloseable {

    /** An object's content and what describes it. */
    public record Content(StoredObject object, byte[] bytes) {}

    /** How a conditional write ended. */
    public enum Written {
        /** The object is there now, written by this call. */
        CREATED,
        /** The condition did not hold; nothing was written. */
        EXISTS
    }

    /**
     * Lists the objects below a prefix in the order of their keys' UTF-8 bytes, page by page as the
     * stream is read, so that memory stays flat.
     *
     * @param startAfter only keys after this one; null for all
     */
    public Stream<StoredObject> list(S3Uri prefix, @Nullable String startAfter) {
        throw new UnsupportedOperationException();
    }

    /** The whole object. {@code limit}: more bytes than this are refused with TOO_LARGE unread. */
    public Content read(S3Uri uri, long limit) {
        throw new UnsupportedOperationException();
    }

    /** What is known of the object, or empty when there is none. */
    public Optional<StoredObject> head(S3Uri uri) {
        throw new UnsupportedOperationException();
    }

    /** Streams the object into a file that did not exist or is replaced as a whole. */
    public StoredObject download(S3Uri uri, Path file) {
        throw new UnsupportedOperationException();
    }

    /** Writes the object only if there is none ({@code If-None-Match: *}); 409 is retried. */
    public Written create(
            S3Uri uri, byte[] bytes, String contentType, Map<String, String> metadata) {
        throw new UnsupportedOperationException();
    }

    /** Replaces the object only if it still has this entity tag ({@code If-Match}). */
    public Written replace(
            S3Uri uri,
            byte[] bytes,
            String contentType,
            Map<String, String> metadata,
            String expectedEtag) {
        throw new UnsupportedOperationException();
    }

    /** Writes the object whatever was there. Files beyond 16 MiB go in parts. */
    public void upload(Path file, S3Uri uri, String contentType, Map<String, String> metadata) {
        throw new UnsupportedOperationException();
    }

    /** Makes the bucket unless it is there. */
    public void createBucket(String bucket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
