package io.pix2pix.dataset;

import java.util.concurrent.atomic.AtomicLong;

/** Memory that several datasets share. Safe for use by many threads. */
final class MemoryBudget {
    private final AtomicLong left;

    MemoryBudget(long bytes) {
        left = new AtomicLong(bytes);
    }

    /** Takes so many bytes, or none where fewer are left. */
    boolean take(long bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void giveBack(long bytes) {
        left.addAndGet(bytes);
    }
}
