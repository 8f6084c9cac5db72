package io.pix2pix.storage;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore.Written;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Writes a large file in parts, some at a time: what fails is repeated part by part, and a failed
 * upload leaves nothing behind that costs. What a process leaves that is killed meanwhile is for
 * {@link AbandonedUploads}.
 */
final class PartedUpload {
    /** Bytes; files up to this size go in one request. */
    static final long PART = 16L << 20;

    /** S3 takes no more parts than this. */
    private static final int MAX_PARTS = 10_000;

    /** One connection to S3 takes some ten megabytes a second; a checkpoint has 900. */
    private static final int AT_ONCE = 4;

    private static final int PATIENCE_SECONDS = 10;
    private static final Logger LOG = System.getLogger(PartedUpload.class.getName());

    private final S3Client client;
    private final Requests requests;
    private final PutObjectRequest object;
    private final S3Uri uri;

    /**
     * @param object what describes it, and on what condition it is written
     * @param uri where to
     */
    PartedUpload(S3Client client, Requests requests, PutObjectRequest object, S3Uri uri) {
        this.client = client;
        this.requests = requests;
        this.object = object;
        this.uri = uri;
    }

    Written run(Path file, long size) {
        String id = begin();
        try {
            List<CompletedPart> parts = parts(id, file, size);
            Written written = complete(id, parts);
            if (written == null) {
                return findCompleted(size);
            } else if (written == Written.EXISTS) {
                new AbandonedUploads(client, requests).abort(uri, id);
            }
            return written;
        } catch (RuntimeException e) {
            // An interrupted thread may send nothing, and parts that stay behind cost their owner.
            boolean interrupted = Thread.interrupted();
            abort(id, e);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw e;
        }
    }

    private String begin() {
        return requests.send(
                errand("begin to upload", 0),
                limits ->
                        client.createMultipartUpload(
                                        request ->
                                                request.bucket(object.bucket())
                                                        .key(object.key())
                                                        .contentType(object.contentType())
                                                        .metadata(object.metadata())
                                                        .overrideConfiguration(limits))
                                .uploadId());
    }

    private List<CompletedPart> parts(String id, Path file, long size) {
        long partSize = Math.max(PART, (size + MAX_PARTS - 1) / MAX_PARTS);
        ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<CompletedPart>> sent = new ArrayList<>();
            for (long from = 0; from < size; from += partSize) {
                int number = sent.size() + 1;
                long length = Math.min(partSize, size - from);
                RequestBody body = Bodies.ofFile(file, from, length, "application/octet-stream");
                sent.add(senders.submit(() -> part(id, number, body, length)));
            }
            List<CompletedPart> parts = new ArrayList<>();
            for (Future<CompletedPart> each : sent) {
                parts.add(each.get());
            }
            return parts;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailureException(S3Failures.interrupted(errand("upload", size)), e);
        } finally {
            end(senders);
        }
    }

    private CompletedPart part(String id, int number, RequestBody body, long length) {
        UploadPartResponse part =
                requests.send(
                        errand("upload part %d of".formatted(number), length),
                        limits ->
                                client.uploadPart(
                                        request ->
                                                request.bucket(object.bucket())
                                                        .key(object.key())
                                                        .uploadId(id)
                                                        .partNumber(number)
                                                        .contentLength(length)
                                                        .overrideConfiguration(limits),
                                        body));
        return CompletedPart.builder()
                .partNumber(number)
                .eTag(part.eTag())
                .checksumCRC32(part.checksumCRC32())
                .build();
    }

    /** Puts the parts together; null when the server does not know the upload any more. */
    private @Nullable Written complete(String id, List<CompletedPart> parts) {
        return requests.send(
                errand("upload", 0),
                limits -> {
                    try {
                        client.completeMultipartUpload(
                                request ->
                                        request.bucket(object.bucket())
                                                .key(object.key())
                                                .uploadId(id)
                                                .ifNoneMatch(object.ifNoneMatch())
                                                .multipartUpload(upload -> upload.parts(parts))
                                                .overrideConfiguration(limits));
                        return Written.CREATED;
                    } catch (NoSuchUploadException e) {
                        return null;
                    } catch (S3Exception e) {
                        if (ObjectStore.isConditionFailed(e)) {
                            return Written.EXISTS;
                        }
                        throw e;
                    }
                });
    }

    /**
     * The answer to an earlier try may have been lost, and then the object is there. Under a
     * condition that is for the caller to find out, as always when one is.
     */
    private Written findCompleted(long size) {
        Errand errand = errand("upload", 0);
        long found =
                requests.send(
                        errand,
                        limits -> {
                            try {
                                HeadObjectResponse there =
                                        client.headObject(
                                                request ->
                                                        request.bucket(object.bucket())
                                                                .key(object.key())
                                                                .overrideConfiguration(limits));
                                return there.contentLength();
                            } catch (NoSuchKeyException e) {
                                return -1L;
                            }
                        });
        if (object.ifNoneMatch() != null && found >= 0) {
            return Written.EXISTS;
        } else if (object.ifNoneMatch() == null && found == size) {
            return Written.CREATED;
        }
        throw new FailureException(
                Failure.retriable(
                        Stage.STORE,
                        S3Failures.UNAVAILABLE,
                        errand + "the server has lost the parts that it was sent"));
    }

    /** A part that arrives after the upload was given up would stay and cost. */
    private static void end(ExecutorService senders) {
        senders.shutdownNow();
        try {
            if (!senders.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(
                        Level.WARNING,
                        "Parts of an upload that was given up are still on their way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void abort(String id, RuntimeException cause) {
        try {
            new AbandonedUploads(client, requests).abort(uri, id);
        } catch (FailureException e) {
            cause.addSuppressed(e);
        }
    }

    private Errand errand(String action, long bytes) {
        return new Errand(Stage.STORE, action, uri, bytes);
    }
}
