package io.pix2pix.torchscript;

import java.io.IOException;

/**
 * What may come out of a file: so many times its own size. Without it a small file could be asked
 * for the same bytes again and again, or unpack to any size.
 */
final class ReadBudget {
    /**
     * Weights hardly compress, and half-precision ones take three times their size: once as they
     * are stored, twice as float32.
     */
    private static final long FACTOR = 16;

    private static final long SLACK = 1 << 20;

    /** Four of the largest networks that fit a device. */
    private static final long MOST = 8L << 30;

    private final long total;
    private long left;

    private ReadBudget(long total) {
        this.total = total;
        this.left = total;
    }

    static ReadBudget of(long fileSize) {
        return new ReadBudget(Math.min(MOST, SLACK + FACTOR * fileSize));
    }

    /** Fails where bytes would be read or made beyond the budget. */
    void take(long bytes) throws IOException {
        require(bytes);
        left -= bytes;
    }

    /** Fails as {@link #take} would; somebody else reads the bytes. */
    void require(long bytes) throws IOException {
        if (bytes > left) {
            throw new IOException(
                    "it unpacks to more than %d bytes, too many for its size".formatted(total));
        }
    }
}
