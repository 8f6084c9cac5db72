package io.pix2pix.translation;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the images between fetch and put, by number and by memory: sixteen thumbnails are nothing,
 * sixteen photographs of 100 megapixels are five gigabytes.
 *
 * <p>What an image will need is guessed when it enters and corrected when it is known; the images
 * that enter next make up for a wrong guess. An image heavier than the whole bound goes alone. Safe
 * for use by many threads.
 */
final class InFlight {
    private final int maxImages;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int images;
    private long bytes;

    /**
     * @param maxImages at least 1
     * @param maxBytes of memory for all of them
     */
    InFlight(int maxImages, long maxBytes) {
        if (maxImages < 1) {
            throw new IllegalArgumentException("Images in flight: " + maxImages);
        }
        this.maxImages = maxImages;
        this.maxBytes = maxBytes;
    }

    /**
     * Waits for room for an image.
     *
     * @param guess bytes of memory that it will need
     * @return null when there was no room in time
     */
    @Nullable Place enter(long guess, long timeoutMillis) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            while (!hasRoom(guess)) {
                if (left <= 0) {
                    return null;
                }
                left = changed.awaitNanos(left);
            }
            images++;
            bytes += guess;
            return new Place(guess);
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(long guess) {
        return images == 0 || (images < maxImages && bytes + guess <= maxBytes);
    }

    /** An image's share. */
    final class Place {
        private long weight;
        private boolean left;

        private Place(long weight) {
            this.weight = weight;
        }

        /** The image needs so many bytes from now on. */
        void weighs(long now) {
            lock.lock();
            try {
                if (!left) {
                    bytes += now - weight;
                    weight = now;
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        /** The image is through. */
        void leave() {
            lock.lock();
            try {
                if (!left) {
                    left = true;
                    images--;
                    bytes -= weight;
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
