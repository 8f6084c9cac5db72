package io.pix2pix.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Takes bodies off the wire inside the SDK's retries: one that breaks off or is short is asked for
 * again, from its start.
 */
final class Bodies {
    private static final int BUFFER = 64 << 10;

    private Bodies() {}

    /** Into memory; a body of more than {@code limit} bytes stays unread. */
    static ResponseTransformer<GetObjectResponse, Body<byte[]>> toBytes(long limit) {
        return (response, in) -> {
            long length = response.contentLength();
            if (length > Math.min(limit, Integer.MAX_VALUE - 8)) {
                in.abort();
                return new Body<>(response, null);
            }
            byte[] bytes = new byte[(int) length];
            int filled = 0;
            while (filled < bytes.length) {
                int n = read(in, bytes, filled);
                if (n < 0) {
                    throw shortBody(length, filled);
                }
                filled += n;
            }
            return new Body<>(response, bytes);
        };
    }

    /** Into a file, whose former content is lost. */
    static ResponseTransformer<GetObjectResponse, Body<Path>> toFile(Path file) {
        return (response, in) -> {
            long length = response.contentLength();
            byte[] buffer = new byte[BUFFER];
            long copied = 0;
            try (OutputStream out = Files.newOutputStream(file)) {
                for (int n = read(in, buffer, 0); n >= 0; n = read(in, buffer, 0)) {
                    out.write(buffer, 0, n);
                    copied += n;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e); // the disk's fault: not for the SDK to repeat
            }
            if (copied != length) {
                throw shortBody(length, copied);
            }
            return new Body<>(response, file);
        };
    }

    private static int read(InputStream in, byte[] bytes, int from) {
        try {
            return in.read(bytes, from, bytes.length - from);
        } catch (IOException e) {
            throw RetryableException.create("The body broke off: " + e.getMessage(), e);
        }
    }

    private static RetryableException shortBody(long expected, long found) {
        return RetryableException.create(
                "The body ended after %d of %d bytes".formatted(found, expected));
    }
}
