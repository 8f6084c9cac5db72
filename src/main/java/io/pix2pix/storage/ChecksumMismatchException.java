package io.pix2pix.storage;

/** A body came whole, but is not what the server says it is. */
final class ChecksumMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ChecksumMismatchException(String message, Throwable cause) {
        super(message, cause);
    }
}
