package io.pix2pix.translation;

import io.pix2pix.image.Pixels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Gathers images of one shape into batches.
 *
 * <p>A batch goes out when it is full. It goes out as it is when no other image is on its way here
 * and the device has nothing else of ours to do (or no more will come): waiting longer would idle
 * the device, or for ever, when the images in flight are of many shapes and none completes a batch.
 *
 * <p>Safe for use by many threads. Batches are handed on under the lock, so the receiver must only
 * queue them.
 */
final class Batcher {
    /** What one forward pass takes: width, height, channels and bits are the same. */
    record Shape(int width, int height, int channels, int bits) {
        static Shape of(Pixels image) {
            return new Shape(image.width(), image.height(), image.channels(), image.bits());
        }

        @Override
        public String toString() {
            return "%d x %d x %d, %d bits".formatted(width, height, channels, bits);
        }
    }

    /** An image and whoever waits for its translation. */
    record Waiting(Pixels image, CompletableFuture<Pixels> translated) {}

    private final ToIntFunction<Shape> batchSize;
    private final Consumer<List<Waiting>> device;
    private final Map<Shape, List<Waiting>> gathering = new LinkedHashMap<>();
    private int onTheirWay;
    private int onDevice;
    private boolean complete;

    /**
     * @param batchSize how many images of a shape fill a batch, at least 1
     * @param device queues a batch; {@link #batchDone} is called when it is through
     */
    Batcher(ToIntFunction<Shape> batchSize, Consumer<List<Waiting>> device) {
        this.batchSize = batchSize;
        this.device = device;
    }

    /** An image sets out; it comes by {@link Ticket#arrive} or not, by {@link Ticket#giveUp}. */
    synchronized Ticket expect() {
        onTheirWay++;
        return new Ticket();
    }

    /** The place of an image that is on its way. */
    final class Ticket {
        private boolean used;

        private Ticket() {}

        /**
         * The image is here.
         *
         * @return its translation, completed on the device's thread
         */
        CompletableFuture<Pixels> arrive(Pixels image) {
            synchronized (Batcher.this) {
                if (used) {
                    throw new IllegalStateException("The ticket is used");
                }
                used = true;
                return add(image);
            }
        }

        /** The image does not need the device. Nothing happens once it has arrived. */
        void giveUp() {
            synchronized (Batcher.this) {
                if (!used) {
                    used = true;
                    onTheirWay--;
                    flushIfIdle();
                }
            }
        }
    }

    private CompletableFuture<Pixels> add(Pixels image) {
        onTheirWay--;
        Shape shape = Shape.of(image);
        List<Waiting> batch = gathering.computeIfAbsent(shape, s -> new ArrayList<>());
        Waiting waiting = new Waiting(image, new CompletableFuture<>());
        batch.add(waiting);
        if (batch.size() >= batchSize.applyAsInt(shape)) {
            gathering.remove(shape);
            submit(batch);
        }
        flushIfIdle();
        return waiting.translated();
    }

    /** The device is through with a batch, whatever came of it. */
    synchronized void batchDone() {
        onDevice--;
        flushIfIdle();
    }

    /** No image will set out any more. */
    synchronized void complete() {
        complete = true;
        flushIfIdle();
    }

    private void flushIfIdle() {
        if (onTheirWay == 0 && (onDevice == 0 || complete)) {
            List<List<Waiting>> batches = new ArrayList<>(gathering.values());
            gathering.clear();
            batches.forEach(this::submit);
        }
    }

    private void submit(List<Waiting> batch) {
        onDevice++;
        device.accept(batch);
    }
}
