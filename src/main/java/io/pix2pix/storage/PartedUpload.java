package io.pix2pix.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Writes a large file in parts: what fails is repeated part by part, and a failed upload leaves
 * nothing behind that costs.
 */
final class PartedUpload {
    /** Bytes; files up to this size go in one request. */
    static final long PART = 16L << 20;

    /** S3 takes no more parts than this. */
    private static final int MAX_PARTS = 10_000;

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
            abort(id, e);
            throw e;
        }
    }

    private List<CompletedPart> parts(String id, Path file, long size) {
        long partSize = Math.max(PART, (size + MAX_PARTS - 1) / MAX_PARTS);
        List<CompletedPart> parts = new ArrayList<>();
        for (long from = 0; from < size; from += partSize) {
            int number = parts.size() + 1;
            long start = from;
            long length = Math.min(partSize, size - from);
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
            parts.add(
                    CompletedPart.builder()
                            .partNumber(number)
                            .eTag(part.eTag())
                            .checksumCRC32(part.checksumCRC32())
                            .build());
        }
        return parts;
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
