package io.pix2pix.storage;

import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The keys that requests are signed with. The SDK's default chain renews those that say when they
 * expire, a minute before; those that the server refuses earlier are dropped here, and the chain is
 * asked anew. Safe for use by many threads.
 */
final class Credentials implements AwsCredentialsProvider, AutoCloseable {
    private final Supplier<AwsCredentialsProvider> source;
    private AwsCredentialsProvider current;

    private Credentials(Supplier<AwsCredentialsProvider> source) {
        this.source = source;
        this.current = source.get();
    }

    /**
     * @throws IllegalArgumentException when one of the two keys is missing
     */
    static Credentials of(StorageConfig config) {
        if (config.accessKey().isEmpty() && config.secretKey().isEmpty()) {
            return new Credentials(() -> DefaultCredentialsProvider.builder().build());
        }
        AwsCredentialsProvider given =
                StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(
                                given(config.accessKey().orElse(""), "access-key"),
                                given(config.secretKey().orElse(""), "secret-key")));
        return new Credentials(() -> given);
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

    @Override
    public AwsCredentials resolveCredentials() {
        return current().resolveCredentials();
    }

    synchronized AwsCredentialsProvider current() {
        return current;
    }

    /**
     * Begins anew, with what the chain finds now, unless another thread has done so.
     *
     * @param refused {@link #current()} as it was when the request was sent that was refused; not
     *     closed, since others may be asking it
     */
    synchronized void renew(AwsCredentialsProvider refused) {
        if (current == refused) {
            current = source.get();
        }
    }

    @Override
    public synchronized void close() {
        if (current instanceof SdkAutoCloseable open) {
            open.close();
        }
    }
}
