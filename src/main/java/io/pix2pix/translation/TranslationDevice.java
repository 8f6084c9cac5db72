package io.pix2pix.translation;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.telemetry.Meters;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * A device with the one thread that runs batches on it, in the order in which its slots hand them
 * in, and the models loaded on it. Shared by the device's slots.
 */
public final class TranslationDevice implements AutoCloseable {
    /** A batch holds up to this many times its size in pixels; larger images go in fewer a time. */
    private static final long PIXELS_AN_IMAGE = 512 * 512;

    private final String name;
    private final int batchSize;
    private final ModelCache models;
    private final DeviceHealth health;
    private final BatchLimits limits;
    private final AtomicLong outOfMemory = new AtomicLong();
    private final ThreadPoolExecutor thread;
    private final LongConsumer busy;
    private long busyNanos;
    private long firstNanos;
    private long lastNanos;

    /**
     * @param name for threads and messages, such as {@code gpu0}
     * @param batchSize images a forward pass, at least 1
     * @param models closed with the device
     * @param health is told what comes of batches
     */
    public TranslationDevice(String name, int batchSize, ModelCache models, DeviceHealth health) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("Batch size " + batchSize);
        }
        this.name = name;
        this.batchSize = batchSize;
        this.models = models;
        this.health = health;
        this.limits = new BatchLimits(name);
        this.thread = TranslationExecutors.pool(1, "device-" + name + "-");
        this.busy = Meters.deviceBusy(name, "translation");
        TranslationMetrics.expect();
    }

    /** The configured batch size, or the default for this kind of device. */
    public static int batchSize(TranslationConfig config, boolean gpu) {
        return config.batchSize().orElse(gpu ? 16 : 8);
    }

    public String name() {
        return name;
    }

    public int batchSize() {
        return batchSize;
    }

    /** How many images of this size go into one batch. */
    int batchSize(int width, int height) {
        long fitting = batchSize * PIXELS_AN_IMAGE / ((long) width * height);
        return (int) Math.max(1, Math.min(batchSize, fitting));
    }

    ModelCache models() {
        return models;
    }

    /** Whether it works. */
    public DeviceHealth health() {
        return health;
    }

    /** What fits its memory. */
    BatchLimits limits() {
        return limits;
    }

    /** How many kinds of batches (by model and image shape) are smaller than configured. */
    public int limitedBatches() {
        return limits.count();
    }

    /** How often a batch did not fit its memory. */
    public long outOfMemory() {
        return outOfMemory.get();
    }

    /** Models that are on the device now. */
    public int modelsLoaded() {
        return models.loaded();
    }

    /** Batches that wait for the device. */
    public int waiting() {
        return thread.getQueue().size();
    }

    /** A batch did not fit its memory: makes room, and lets the next ones be smaller. */
    void didNotFit(String model, Batcher.Shape shape, int images) {
        var unused = makeRoom();
        limits.didNotFit(model, shape, images);
    }

    /** Its memory did not suffice: closes models that no task uses; says whether there were any. */
    boolean makeRoom() {
        outOfMemory.incrementAndGet();
        return models.releaseUnused();
    }

    /**
     * How the device was used.
     *
     * @param busyNanos time spent on batches, ns
     * @param spanNanos from the first batch's start to the last one's end, ns; 0 without a batch
     */
    public record Use(long busyNanos, long spanNanos) {
        /** The share of the time in which the device worked, 0 to 1. */
        public double share() {
            return spanNanos == 0 ? 0 : (double) busyNanos / spanNanos;
        }
    }

    /** How the device was used since this was asked last. */
    public synchronized Use takeUse() {
        Use use = new Use(busyNanos, lastNanos - firstNanos);
        busyNanos = 0;
        firstNanos = 0;
        lastNanos = 0;
        return use;
    }

    /** Queues work for the device's thread. */
    void execute(Runnable batch) {
        thread.execute(batch);
    }

    synchronized void wasBusy(long fromNanos, long toNanos) {
        busy.accept(toNanos - fromNanos);
        if (busyNanos == 0) {
            firstNanos = fromNanos;
        }
        busyNanos += toNanos - fromNanos;
        lastNanos = toNanos;
    }

    @Override
    public void close() {
        thread.shutdown();
        models.close();
    }
}
