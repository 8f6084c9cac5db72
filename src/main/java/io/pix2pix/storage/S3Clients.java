package io.pix2pix.storage;

import java.net.URI;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the SDK's client as {@link StorageConfig} describes it. */
final class S3Clients {
    private S3Clients() {}

    /** A client that tries once; {@link Requests} tries again. */
    static S3Client create(StorageConfig config, Credentials credentials) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClient(http(config))
                        .credentialsProvider(credentials)
                        .region(Region.of(config.region()))
                        .forcePathStyle(
                                config.pathStyle().orElseGet(() -> config.endpoint().isPresent()))
                        .overrideConfiguration(
                                override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
        config.endpoint().ifPresent(endpoint -> builder.endpointOverride(plain(endpoint)));
        if (!config.checksums()) {
            builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
        }
        return builder.build();
    }

    /** Its address is in messages and logs, where a password must not be. */
    private static URI plain(URI endpoint) {
        if (endpoint.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "pix2pix.storage.endpoint has a user name or password in it; give keys as pix2pix.storage.access-key and secret-key");
        }
        return endpoint;
    }

    private static SdkHttpClient http(StorageConfig config) {
        return ApacheHttpClient.builder()
                .maxConnections(config.maxConnections())
                .connectionTimeout(config.connectTimeout())
                .connectionAcquisitionTimeout(config.writeTimeout())
                .socketTimeout(config.readTimeout())
                .build();
    }
}
