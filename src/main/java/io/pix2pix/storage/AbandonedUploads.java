package io.pix2pix.storage;

import io.pix2pix.failure.Stage;
import java.time.Instant;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

/** Finds uploads in parts whose process died, and aborts them. */
final class AbandonedUploads {
    private final S3Client client;
    private final Requests requests;

    AbandonedUploads(S3Client client, Requests requests) {
        this.client = client;
        this.requests = requests;
    }

    int abort(S3Uri prefix, Instant begunBefore) {
        int aborted = 0;
        ListMultipartUploadsRequest next =
                ListMultipartUploadsRequest.builder()
                        .bucket(prefix.bucket())
                        .prefix(prefix.key())
                        .build();
        while (next != null) {
            ListMultipartUploadsResponse page = page(prefix, next);
            for (MultipartUpload upload : page.uploads()) {
                // Some servers ignore the prefix.
                boolean isBelow = upload.key().startsWith(prefix.key());
                if (isBelow && upload.initiated().isBefore(begunBefore)) {
                    abort(new S3Uri(prefix.bucket(), upload.key()), upload.uploadId());
                    aborted++;
                }
            }
            next =
                    Boolean.TRUE.equals(page.isTruncated())
                            ? next.toBuilder()
                                    .keyMarker(page.nextKeyMarker())
                                    .uploadIdMarker(page.nextUploadIdMarker())
                                    .build()
                            : null;
        }
        return aborted;
    }

    private ListMultipartUploadsResponse page(S3Uri prefix, ListMultipartUploadsRequest request) {
        return requests.send(
                new Errand(Stage.STORE, "list the uploads below", prefix),
                limits ->
                        client.listMultipartUploads(
                                request.toBuilder().overrideConfiguration(limits).build()));
    }

    /** Also for an upload that is gone by now. */
    void abort(S3Uri uri, String id) {
        var unused =
                requests.send(
                        new Errand(Stage.STORE, "abort an upload to", uri),
                        limits -> {
                            try {
                                client.abortMultipartUpload(
                                        request ->
                                                request.bucket(uri.bucket())
                                                        .key(uri.key())
                                                        .uploadId(id)
                                                        .overrideConfiguration(limits));
                                return true;
                            } catch (NoSuchUploadException e) {
                                return false;
                            }
                        });
    }
}
