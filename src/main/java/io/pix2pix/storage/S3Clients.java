package io.pix2pix.storage;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Makes the SDK's client as {@link StorageConfig} describes it. */
final class S3Clients {
    private S3Clients() {}

    static S3Client create(StorageConfig config) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClient(http(config))
                        .credentialsProvider(credentials(config))
                        .region(Region.of(config.region()))
                        .forcePathStyle(
                                config.pathStyle().orElseGet(() -> config.endpoint().isPresent()))
                        .overrideConfiguration(
                                override -> override.retryStrategy(retries(config.maxAttempts())));
        config.endpoint().ifPresent(builder::endpointOverride);
        if (!config.checksums()) {
            builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
        }
        return builder.build();
    }

    private static SdkHttpClient http(StorageConfig config) {
        return ApacheHttpClient.builder()
                .maxConnections(config.maxConnections())
                .connectionTimeout(config.connectTimeout())
                .connectionAcquisitionTimeout(config.writeTimeout())
                .socketTimeout(config.readTimeout())
                .build();
    }

    private static AwsCredentialsProvider credentials(StorageConfig config) {
        if (config.accessKey().isEmpty() && config.secretKey().isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        return StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                        given(config.accessKey().orElse(""), "access-key"),
                        given(config.secretKey().orElse(""), "secret-key")));
    }

    private static String given(String value, String name) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(
                    "pix2pix.storage.access-key and secret-key go together, "
                            + name
                            + " is missing");
        }
        return value;
    }

    /** The SDK's standard strategy: exponential backoff from 100 ms, jitter, at most 20 s. */
    private static StandardRetryStrategy retries(int maxAttempts) {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(maxAttempts)
                .retryOnException(S3Clients::isConflict)
                .build();
    }

    /** Two conditional writes met: S3 asks to try again (409 ConditionalRequestConflict). */
    private static boolean isConflict(Throwable e) {
        return e instanceof S3Exception answer
                && answer.statusCode() == 409
                && (S3Failures.code(answer).equals("ConditionalRequestConflict")
                        || S3Failures.code(answer).equals("OperationAborted"));
    }
}
