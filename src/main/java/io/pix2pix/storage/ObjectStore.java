package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The objects that jobs read and write, on S3 or anything that speaks its protocol.
 *
 * <p>Every method may be called from any thread and blocks until the answer is there. Transient
 * faults (throttling, 5xx, timeouts, resets, short bodies) are retried with backoff inside; what
 * still fails is a {@link io.pix2pix.failure.FailureException} whose message names the URI, with
 * code {@code NOT_FOUND}, {@code NO_BUCKET}, {@code ACCESS_DENIED}, {@code NOT_ALLOWED} (outside
 * the allow-list), {@code STORAGE_REFUSED} (any other answer that no retry changes), {@code
 * LOCAL_FILE} (the file on this side) or {@code STORAGE_UNAVAILABLE} (retriable). Its stage is PLAN
 * for listings, FETCH for what reads and STORE for what writes.
 *
 * <p>Metadata may be any text under lower-case names; all of it together must fit 2 KB (an {@link
 * IllegalArgumentException} otherwise; a 1,000-character key fits beside a few hashes).
 */
public final class ObjectStore implements AutoCloseable {
    private static final int MAX_KEY = 1024;

    private final AllowList allow;
    private final S3Client client;
    private final S3Failures failures;
    private final Duration writeTimeout;

    public ObjectStore(StorageConfig config) {
        allow = new AllowList(config.allow());
        client = S3Clients.create(config);
        failures = new S3Failures(config);
        writeTimeout = config.writeTimeout();
    }

    /** An object's content and what describes it. */
    public record Content(StoredObject object, byte[] bytes) {}

    /** How a conditional write ended. */
    public enum Written {
        /** The object is there now, written by this call. */
        CREATED,
        /**
         * The condition did not hold; nothing was written. When an answer was lost and the request
         * repeated, the object found may be this call's own: compare metadata.
         */
        EXISTS
    }

    /**
     * Lists the objects below a prefix in the order of their keys' UTF-8 bytes, page by page as the
     * stream is read, so that memory stays flat.
     *
     * @param startAfter only keys after this one; null for all
     */
    public Stream<StoredObject> list(S3Uri prefix, @Nullable String startAfter) {
        allow.require(Stage.PLAN, prefix);
        Listing listing =
                new Listing(
                        prefix,
                        startAfter,
                        request ->
                                call(
                                        Stage.PLAN,
                                        "list",
                                        prefix,
                                        () -> client.listObjectsV2(request)));
        int traits = Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(listing, traits), false);
    }

    /** The whole object. {@code limit}: more bytes than this are refused with TOO_LARGE unread. */
    public Content read(S3Uri uri, long limit) {
        Body<byte[]> body =
                call(
                        Stage.FETCH,
                        "read",
                        uri,
                        () ->
                                client.getObject(
                                        request -> request.bucket(uri.bucket()).key(uri.key()),
                                        Bodies.toBytes(limit)));
        if (body.content() == null) {
            throw new FailureException(
                    Failure.permanent(
                            Stage.FETCH,
                            "TOO_LARGE",
                            "%s has %d bytes, at most %d are read"
                                    .formatted(uri, body.response().contentLength(), limit)));
        }
        return new Content(stored(uri, body.response()), body.content());
    }

    /**
     * The object's first bytes: {@code count} of them, or all where it has fewer or the server
     * gives no parts.
     *
     * @param count at least 1; an object of no bytes has no first one and is refused
     */
    public byte[] readHead(S3Uri uri, int count) {
        Body<byte[]> body =
                call(
                        Stage.FETCH,
                        "read",
                        uri,
                        () ->
                                client.getObject(
                                        request ->
                                                request.bucket(uri.bucket())
                                                        .key(uri.key())
                                                        .range("bytes=0-" + (count - 1)),
                                        Bodies.toBytes(count)));
        return body.content() == null ? read(uri, Integer.MAX_VALUE).bytes() : body.content();
    }

    /** What is known of the object, or empty when there is none. */
    public Optional<StoredObject> head(S3Uri uri) {
        return call(
                Stage.FETCH,
                "look at",
                uri,
                () -> {
                    try {
                        HeadObjectResponse found =
                                client.headObject(
                                        request -> request.bucket(uri.bucket()).key(uri.key()));
                        return Optional.of(
                                new StoredObject(
                                        uri,
                                        withoutQuotes(found.eTag()),
                                        found.contentLength(),
                                        UserMetadata.decode(found.metadata())));
                    } catch (NoSuchKeyException e) {
                        return Optional.empty();
                    }
                });
    }

    /** Streams the object into a file that did not exist or is replaced as a whole. */
    public StoredObject download(S3Uri uri, Path file) {
        allow.require(Stage.FETCH, uri);
        Path target = file.toAbsolutePath();
        try (Download download = Download.beside(target)) {
            Body<Path> body =
                    call(
                            Stage.FETCH,
                            "download",
                            uri,
                            () ->
                                    client.getObject(
                                            request -> request.bucket(uri.bucket()).key(uri.key()),
                                            Bodies.toFile(download.part())));
            download.finish();
            return stored(uri, body.response());
        } catch (IOException | UncheckedIOException e) {
            throw localFile(Stage.FETCH, "Failed to download %s to %s".formatted(uri, target), e);
        }
    }

    /** Writes the object only if there is none ({@code If-None-Match: *}); 409 is retried. */
    public Written create(
            S3Uri uri, byte[] bytes, String contentType, Map<String, String> metadata) {
        return write(put(uri, contentType, metadata).ifNoneMatch("*").build(), uri, bytes);
    }

    /** Replaces the object only if it still has this entity tag ({@code If-Match}). */
    public Written replace(
            S3Uri uri,
            byte[] bytes,
            String contentType,
            Map<String, String> metadata,
            String expectedEtag) {
        PutObjectRequest request =
                put(uri, contentType, metadata).ifMatch('"' + expectedEtag + '"').build();
        return write(request, uri, bytes);
    }

    /** Writes the object whatever was there. */
    public void put(S3Uri uri, byte[] bytes, String contentType) {
        var unused = write(put(uri, contentType, Map.of()).build(), uri, bytes);
    }

    /** Writes the object whatever was there. Files beyond 16 MiB go in parts. */
    public void upload(Path file, S3Uri uri, String contentType, Map<String, String> metadata) {
        upload(put(uri, contentType, metadata).build(), uri, file);
    }

    /**
     * Writes the object only if there is none, as {@link #create(S3Uri, byte[], String, Map)} does.
     * Files beyond 16 MiB go in parts, and the condition is looked at when they are put together.
     */
    public Written create(S3Uri uri, Path file, String contentType, Map<String, String> metadata) {
        return upload(put(uri, contentType, metadata).ifNoneMatch("*").build(), uri, file);
    }

    private Written upload(PutObjectRequest request, S3Uri uri, Path file) {
        try {
            long size = Files.size(file);
            return conditional(
                    "upload",
                    uri,
                    () -> {
                        if (size <= PartedUpload.PART) {
                            client.putObject(request, file);
                        } else {
                            new PartedUpload(client, request).run(file, size);
                        }
                    });
        } catch (IOException | UncheckedIOException e) {
            throw localFile(Stage.STORE, "Failed to upload %s to %s".formatted(file, uri), e);
        }
    }

    /** Deletes the object; nothing happens when there is none. */
    public void delete(S3Uri uri) {
        call(
                Stage.STORE,
                "delete",
                uri,
                () -> client.deleteObject(request -> request.bucket(uri.bucket()).key(uri.key())));
    }

    /** Makes the bucket unless it is there. */
    public void createBucket(String bucket) {
        S3Uri uri = new S3Uri(bucket, "");
        if (!allow.permitsBucket(bucket)) {
            allow.require(Stage.STORE, uri);
        }
        try {
            client.createBucket(request -> request.bucket(bucket));
        } catch (BucketAlreadyOwnedByYouException e) {
            return;
        } catch (SdkException e) {
            throw failures.of(Stage.STORE, "create bucket", uri, e);
        }
    }

    /**
     * Asks the server whether it is there, without looking at any object: a refusal is an answer.
     *
     * @throws IllegalStateException it does not answer in time, or only that it cannot work
     */
    public void check(Duration patience) {
        try {
            client.listBuckets(
                    request -> request.overrideConfiguration(c -> c.apiCallTimeout(patience)));
        } catch (S3Exception e) {
            if (e.statusCode() >= 500) {
                throw new IllegalStateException("storage answers " + e.statusCode(), e);
            }
        } catch (SdkException e) {
            throw new IllegalStateException("storage does not answer: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /** As a header or a listing gives it; some servers have none for folders' marker objects. */
    static String withoutQuotes(@Nullable String etag) {
        return etag == null ? "" : etag.replace("\"", "");
    }

    private Written write(PutObjectRequest request, S3Uri uri, byte[] bytes) {
        return conditional(
                "write", uri, () -> client.putObject(request, RequestBody.fromBytes(bytes)));
    }

    private Written conditional(String action, S3Uri uri, Runnable write) {
        return call(
                Stage.STORE,
                action,
                uri,
                () -> {
                    try {
                        write.run();
                        return Written.CREATED;
                    } catch (S3Exception e) {
                        // 404: If-Match, and the object is gone.
                        boolean conditionFailed =
                                e.statusCode() == 412 || e instanceof NoSuchKeyException;
                        if (conditionFailed) {
                            return Written.EXISTS;
                        }
                        throw e;
                    }
                });
    }

    private PutObjectRequest.Builder put(
            S3Uri uri, String contentType, Map<String, String> metadata) {
        return PutObjectRequest.builder()
                .bucket(uri.bucket())
                .key(uri.key())
                .contentType(contentType)
                .metadata(UserMetadata.encode(metadata))
                .overrideConfiguration(override -> override.apiCallAttemptTimeout(writeTimeout));
    }

    private static StoredObject stored(S3Uri uri, GetObjectResponse found) {
        return new StoredObject(
                uri,
                withoutQuotes(found.eTag()),
                found.contentLength(),
                UserMetadata.decode(found.metadata()));
    }

    private <T> T call(Stage stage, String action, S3Uri uri, Supplier<T> request) {
        allow.require(stage, uri);
        requireShort(stage, uri);
        try {
            return request.get();
        } catch (SdkException e) {
            throw failures.of(stage, action, uri, e);
        }
    }

    private static void requireShort(Stage stage, S3Uri uri) {
        int length = uri.key().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_KEY) {
            throw new FailureException(
                    Failure.permanent(
                            stage,
                            "STORAGE_REFUSED",
                            "The key of %s has %d bytes, S3 takes %d"
                                    .formatted(uri, length, MAX_KEY)));
        }
    }

    private static FailureException localFile(Stage stage, String what, Exception e) {
        Throwable cause =
                e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        return new FailureException(Failure.retriable(stage, "LOCAL_FILE", what + ": " + cause), e);
    }
}
