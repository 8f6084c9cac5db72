package io.pix2pix.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Writes a large file in parts, some at a time: what fails is repeated part by part, and a failed
 * upload leaves nothing behind that costs.
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
    private final PutObjectRequest object;

    /**
     * @param object where to, and what describes it
     */
    PartedUpload(S3Client client, PutObjectRequest object) {
        this.client = client;
        this.object = object;
    }

    void run(Path file, long size) {
        String id =
                client.createMultipartUpload(
                                request ->
                                        request.bucket(object.bucket())
                                                .key(object.key())
                                                .contentType(object.contentType())
                                                .metadata(object.metadata()))
                        .uploadId();
        try {
            List<CompletedPart> parts = parts(id, file, size);
            client.completeMultipartUpload(
                    request ->
                            request.bucket(object.bucket())
                                    .key(object.key())
                                    .uploadId(id)
                                    .ifNoneMatch(object.ifNoneMatch())
                                    .multipartUpload(upload -> upload.parts(parts)));
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

    private List<CompletedPart> parts(String id, Path file, long size) {
        long partSize = Math.max(PART, (size + MAX_PARTS - 1) / MAX_PARTS);
        ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<CompletedPart>> sent = new ArrayList<>();
            for (long from = 0; from < size; from += partSize) {
                int number = sent.size() + 1;
                long start = from;
                long length = Math.min(partSize, size - from);
                sent.add(senders.submit(() -> part(id, number, file, start, length)));
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
            throw AbortedException.create("Interrupted", e);
        } finally {
            end(senders);
        }
    }

    private CompletedPart part(String id, int number, Path file, long start, long length) {
        UploadPartResponse part =
                client.uploadPart(
                        request ->
                                request.bucket(object.bucket())
                                        .key(object.key())
                                        .uploadId(id)
                                        .partNumber(number)
                                        .contentLength(length)
                                        .overrideConfiguration(
                                                object.overrideConfiguration().orElseThrow()),
                        RequestBody.fromContentProvider(
                                () -> open(file, start), length, "application/octet-stream"));
        return CompletedPart.builder()
                .partNumber(number)
                .eTag(part.eTag())
                .checksumCRC32(part.checksumCRC32())
                .build();
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

    private static InputStream open(Path file, long start) {
        try {
            InputStream in = Files.newInputStream(file);
            try {
                in.skipNBytes(start);
                return in;
            } catch (IOException e) {
                in.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void abort(String id, RuntimeException cause) {
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(object.bucket()).key(object.key()).uploadId(id));
        } catch (SdkException e) {
            cause.addSuppressed(e);
        }
    }
}
