package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The objects that jobs read and write, on S3 or anything that speaks its protocol.
 *
 * <p>Every method may be called from any thread and blocks until the answer is there. Transient
 * faults (throttling, 5xx, timeouts, resets, slow, short and damaged bodies, credentials that
 * expired) are tried again with backoff inside, see {@link StorageConfig#maxAttempts()} and {@link
 * StorageConfig#budget()}. What still fails is a {@link FailureException} whose message names the
 * URI. Permanent: {@code NOT_FOUND}, {@code NO_BUCKET}, {@code ACCESS_DENIED}, {@code NOT_ALLOWED}
 * (outside the allow-lists), {@code STORAGE_REFUSED} (any other answer that no retry changes).
 * Retriable: {@code STORAGE_UNAVAILABLE}, {@code THROTTLED}, {@code CHECKSUM_MISMATCH}, {@code
 * CREDENTIALS_EXPIRED}, {@code NO_CREDENTIALS}, {@code CLOCK_SKEWED}, {@code DISK_FULL} and {@code
 * LOCAL_FILE} (the file on this side). Its stage is PLAN for listings, FETCH for what reads and
 * STORE for what writes.
 *
 * <p>Metadata may be any text under lower-case names; all of it together must fit 2 KB (an {@link
 * IllegalArgumentException} otherwise; a 1,000-character key fits beside a few hashes).
 */
public final class ObjectStore implements AutoCloseable {
    private static final int MAX_KEY = 1024;

    private final AllowLists allow;
    private final Credentials credentials;
    private final S3Client client;
    private final Requests requests;

    public ObjectStore(StorageConfig config) {
        allow = new AllowLists(config);
        credentials = Credentials.of(config);
        client = S3Clients.create(config, credentials);
        requests = new Requests(config, credentials);
    }

    /** What jobs may name. */
    public AllowLists allow() {
        return allow;
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
        allow.requireReading(Stage.PLAN, prefix);
        Errand errand = new Errand(Stage.PLAN, "list", prefix);
        Listing listing =
                new Listing(
                        prefix,
                        startAfter,
                        page ->
                                send(
                                        errand,
                                        limits ->
                                                client.listObjectsV2(
                                                        page.toBuilder()
                                                                .overrideConfiguration(limits)
                                                                .build())));
        int traits = Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(listing, traits), false);
    }

    /** The whole object. {@code limit}: more bytes than this are refused with TOO_LARGE unread. */
    public Content read(S3Uri uri, long limit) {
        Body<byte[]> body =
                send(
                        new Errand(Stage.FETCH, "read", uri),
                        limits ->
                                client.getObject(
                                        whole(uri).overrideConfiguration(limits).build(),
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
                send(
                        new Errand(Stage.FETCH, "read", uri),
                        limits ->
                                client.getObject(
                                        get(uri).range("bytes=0-" + (count - 1))
                                                .overrideConfiguration(limits)
                                                .build(),
                                        Bodies.toBytes(count)));
        return body.content() == null ? read(uri, Integer.MAX_VALUE).bytes() : body.content();
    }

    /**
     * Some bytes out of an object: {@code count} of them, or fewer where it ends before.
     *
     * @param from the first byte, below the object's size
     * @param count at least 1
     */
    public byte[] readRange(S3Uri uri, long from, int count) {
        Body<byte[]> body =
                send(
                        new Errand(Stage.FETCH, "read", uri),
                        limits ->
                                client.getObject(
                                        get(uri).range(
                                                        "bytes=%d-%d"
                                                                .formatted(from, from + count - 1))
                                                .overrideConfiguration(limits)
                                                .build(),
                                        Bodies.toBytes(count)));
        if (body.content() == null) {
            throw new FailureException(
                    Failure.permanent(
                            Stage.FETCH,
                            "STORAGE_REFUSED",
                            "Asked for %d bytes of %s, the server gave %d: it gives no parts"
                                    .formatted(count, uri, body.response().contentLength())));
        }
        return body.content();
    }

    /** What is known of the object, or empty when there is none. */
    public Optional<StoredObject> head(S3Uri uri) {
        return send(
                new Errand(Stage.FETCH, "look at", uri),
                limits -> {
                    try {
                        HeadObjectResponse found =
                                client.headObject(
                                        request ->
                                                request.bucket(uri.bucket())
                                                        .key(uri.key())
                                                        .overrideConfiguration(limits));
                        return Optional.of(
                                new StoredObject(
                                        uri,
                                        withoutQuotes(found.eTag()),
                                        Bodies.length(found.contentLength()),
                                        UserMetadata.decode(found.metadata())));
                    } catch (NoSuchKeyException e) {
                        return Optional.empty();
                    } catch (S3Exception e) {
                        if (e.statusCode() == 400 || e.statusCode() == 403) {
                            throw explained(e, uri, limits);
                        }
                        throw e;
                    }
                });
    }

    /** The answer to a HEAD has no body to say why, that to a GET has. */
    private S3Exception explained(
            S3Exception unexplained, S3Uri uri, AwsRequestOverrideConfiguration limits) {
        try {
            GetObjectRequest firstByte =
                    get(uri).range("bytes=0-0").overrideConfiguration(limits).build();
            var unused = client.getObject(firstByte, Bodies.toBytes(1));
            return unexplained;
        } catch (S3Exception e) {
            return e;
        }
    }

    /**
     * Streams the object into a file that did not exist or is replaced as a whole.
     *
     * @throws FailureException DISK_FULL, before anything is read, when there is no room for it
     */
    public StoredObject download(S3Uri uri, Path file) {
        // Its size, for the time that it may take; what is wrong with it the download tells better.
        long size = head(uri).map(StoredObject::size).orElse(0L);
        Errand errand = new Errand(Stage.FETCH, "download", uri, size);
        Path target = file.toAbsolutePath();
        String what = "Failed to download %s to %s".formatted(uri, target);
        try (Download download = Download.beside(target)) {
            Body<Path> body =
                    send(
                            errand,
                            limits ->
                                    client.getObject(
                                            whole(uri).overrideConfiguration(limits).build(),
                                            Bodies.toFile(download.part(), what)));
            download.finish();
            return stored(uri, body.response());
        } catch (IOException e) {
            throw LocalDisk.failure(Stage.FETCH, what, target, 0, e);
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
        allow.requireWriting(Stage.STORE, uri);
        requireShort(Stage.STORE, uri);
        long size;
        try {
            size = Files.size(file);
        } catch (IOException e) {
            String what = "Failed to upload %s to %s".formatted(file, uri);
            throw LocalDisk.failure(Stage.STORE, what, file, 0, e);
        }
        return size <= PartedUpload.PART
                ? write(
                        "upload",
                        request,
                        uri,
                        Bodies.ofFile(file, 0, size, request.contentType()),
                        size)
                : new PartedUpload(client, requests, request, uri).run(file, size);
    }

    /** Deletes the object; nothing happens when there is none. */
    public void delete(S3Uri uri) {
        send(
                new Errand(Stage.STORE, "delete", uri),
                limits ->
                        client.deleteObject(
                                request ->
                                        request.bucket(uri.bucket())
                                                .key(uri.key())
                                                .overrideConfiguration(limits)));
    }

    /**
     * Aborts uploads in parts that were begun and not ended: their parts are in no listing and cost
     * money for ever.
     *
     * @param prefix all below it; where others upload, too, their uploads are among them
     * @param begunBefore later ones may still be going on
     * @return how many there were
     */
    public int abortUploads(S3Uri prefix, Instant begunBefore) {
        allow.requireWriting(Stage.STORE, prefix);
        return new AbandonedUploads(client, requests).abort(prefix, begunBefore);
    }

    /** Makes the bucket unless it is there. */
    public void createBucket(String bucket) {
        S3Uri uri = new S3Uri(bucket, "");
        allow.requireBucket(Stage.STORE, bucket);
        var unused =
                requests.send(
                        new Errand(Stage.STORE, "create bucket", uri),
                        limits -> {
                            try {
                                client.createBucket(
                                        request ->
                                                request.bucket(bucket)
                                                        .overrideConfiguration(limits));
                                return Written.CREATED;
                            } catch (BucketAlreadyOwnedByYouException e) {
                                return Written.EXISTS;
                            }
                        });
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
        credentials.close();
    }

    /** As a header or a listing gives it; some servers have none for folders' marker objects. */
    static String withoutQuotes(@Nullable String etag) {
        return etag == null ? "" : etag.replace("\"", "");
    }

    private Written write(PutObjectRequest request, S3Uri uri, byte[] bytes) {
        return write("write", request, uri, RequestBody.fromBytes(bytes), bytes.length);
    }

    private Written write(
            String action, PutObjectRequest request, S3Uri uri, RequestBody body, long size) {
        return send(
                new Errand(Stage.STORE, action, uri, size),
                limits -> {
                    try {
                        client.putObject(
                                request.toBuilder().overrideConfiguration(limits).build(), body);
                        return Written.CREATED;
                    } catch (S3Exception e) {
                        if (isConditionFailed(e)) {
                            return Written.EXISTS;
                        }
                        throw e;
                    }
                });
    }

    /** 404 is for {@code If-Match}: the object is gone. */
    static boolean isConditionFailed(S3Exception e) {
        return e.statusCode() == 412 || e instanceof NoSuchKeyException;
    }

    /** With the checksum that the server has of it, if any, for the SDK to look at. */
    private static GetObjectRequest.Builder whole(S3Uri uri) {
        return get(uri).checksumMode(ChecksumMode.ENABLED);
    }

    private static GetObjectRequest.Builder get(S3Uri uri) {
        return GetObjectRequest.builder().bucket(uri.bucket()).key(uri.key());
    }

    private static PutObjectRequest.Builder put(
            S3Uri uri, String contentType, Map<String, String> metadata) {
        return PutObjectRequest.builder()
                .bucket(uri.bucket())
                .key(uri.key())
                .contentType(contentType)
                .metadata(UserMetadata.encode(metadata));
    }

    private static StoredObject stored(S3Uri uri, GetObjectResponse found) {
        return new StoredObject(
                uri,
                withoutQuotes(found.eTag()),
                found.contentLength(),
                UserMetadata.decode(found.metadata()));
    }

    private <T> T send(Errand errand, Function<AwsRequestOverrideConfiguration, T> request) {
        if (errand.writes()) {
            allow.requireWriting(errand.stage(), errand.uri());
        } else {
            allow.requireReading(errand.stage(), errand.uri());
        }
        requireShort(errand.stage(), errand.uri());
        return requests.send(errand, request);
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
}
