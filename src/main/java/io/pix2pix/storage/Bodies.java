package io.pix2pix.storage;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Takes bodies off the wire and puts them on it, as a part of the request: one that breaks off, is
 * short or is not what its checksum says is asked for again, from its start.
 */
final class Bodies {
    private static final int BUFFER = 64 << 10;

    private Bodies() {}

    /** Into memory; a body of more than {@code limit} bytes stays unread. */
    static ResponseTransformer<GetObjectResponse, Body<byte[]>> toBytes(long limit) {
        return (response, in) -> {
            long length = length(response.contentLength());
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
            // Only at its end does the stream look at the checksum.
            var unused = read(in, new byte[1], 0);
            return new Body<>(response, bytes);
        };
    }

    /**
     * Into a file, whose former content is lost.
     *
     * @param what is tried, for the failure when the disk is full or broken
     */
    static ResponseTransformer<GetObjectResponse, Body<Path>> toFile(Path file, String what) {
        return (response, in) -> {
            long length = length(response.contentLength());
            byte[] buffer = new byte[BUFFER];
            long copied = 0;
            try {
                LocalDisk.requireRoom(Stage.FETCH, what, folder(file), length);
                try (OutputStream out = Files.newOutputStream(file)) {
                    for (int n = read(in, buffer, 0); n >= 0; n = read(in, buffer, 0)) {
                        out.write(buffer, 0, n);
                        copied += n;
                    }
                }
            } catch (IOException e) {
                in.abort();
                throw LocalDisk.failure(Stage.FETCH, what, file, length - copied, e);
            } catch (FailureException e) {
                in.abort();
                throw e;
            }
            if (copied != length) {
                throw shortBody(length, copied);
            }
            return new Body<>(response, file);
        };
    }

    /** A file's bytes from {@code start} on, {@code length} of them. */
    static RequestBody ofFile(Path file, long start, long length, String contentType) {
        return RequestBody.fromContentProvider(() -> open(file, start), length, contentType);
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
            throw LocalDisk.failure(Stage.STORE, "Failed to read " + file, file, 0, e);
        }
    }

    private static int read(InputStream in, byte[] bytes, int from) {
        try {
            return in.read(bytes, from, bytes.length - from);
        } catch (IOException | UncheckedIOException e) {
            throw RetryableException.create("The body broke off: " + e.getMessage(), e);
        } catch (AbortedException | RetryableException e) {
            throw e;
        } catch (SdkClientException e) {
            // The stream has one thing to say of its own: that its checksum is another.
            String message = "The body is damaged: " + e.getMessage();
            throw RetryableException.create(message, new ChecksumMismatchException(message, e));
        }
    }

    /** As the server gives it; some proxies leave it out. */
    static long length(@Nullable Long given) {
        if (given == null) {
            throw RetryableException.create("The answer does not say how long its body is");
        }
        return given;
    }

    private static RetryableException shortBody(long expected, long found) {
        return RetryableException.create(
                "The body ended after %d of %d bytes".formatted(found, expected));
    }

    private static Path folder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? file : folder;
    }
}
