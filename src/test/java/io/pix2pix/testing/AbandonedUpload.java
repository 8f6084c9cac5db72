package io.pix2pix.testing;

import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** Uploads in parts as a killed process leaves them: begun, a part sent, and never completed. */
public final class AbandonedUpload implements AutoCloseable {
    private final S3Client client;

    public AbandonedUpload(StorageSettings storage) {
        client =
                S3Client.builder()
                        .endpointOverride(storage.endpoint().orElseThrow())
                        .forcePathStyle(true)
                        .region(Region.US_EAST_1)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create(
                                                storage.accessKey().orElseThrow(),
                                                storage.secretKey().orElseThrow())))
                        .build();
    }

    public void leave(S3Uri uri) {
        String id =
                client.createMultipartUpload(request -> request.bucket(uri.bucket()).key(uri.key()))
                        .uploadId();
        client.uploadPart(
                request -> request.bucket(uri.bucket()).key(uri.key()).uploadId(id).partNumber(1),
                RequestBody.fromBytes(new byte[1000]));
    }

    /** The keys of those that are there, below the prefix. */
    public List<String> keys(S3Uri prefix) {
        return client
                .listMultipartUploads(request -> request.bucket(prefix.bucket()))
                .uploads()
                .stream()
                .map(MultipartUpload::key)
                .filter(key -> key.startsWith(prefix.key()))
                .map(key -> key.substring(prefix.key().length()))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        client.close();
    }
}
