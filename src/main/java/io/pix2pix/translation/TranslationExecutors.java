package io.pix2pix.translation;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that a worker's devices and slots share: some that wait for storage, one a core that
 * works on pixels. Queues need no bound of their own, since each slot bounds its images in flight.
 */
public final class TranslationExecutors implements AutoCloseable {
    private final ExecutorService io;
    private final ExecutorService codec;

    /**
     * @param ioThreads fetches and puts at a time
     * @param codecThreads decodes and encodes at a time
     */
    public TranslationExecutors(int ioThreads, int codecThreads) {
        io = Executors.newFixedThreadPool(ioThreads, named("translation-io-"));
        codec = Executors.newFixedThreadPool(codecThreads, named("translation-codec-"));
    }

    public TranslationExecutors(TranslationConfig config) {
        this(
                config.ioThreads(),
                config.codecThreads().orElse(Runtime.getRuntime().availableProcessors()));
    }

    Executor io() {
        return io;
    }

    Executor codec() {
        return codec;
    }

    static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Lets what is queued finish; the translators that use these threads must be done before. */
    @Override
    public void close() {
        io.shutdown();
        codec.shutdown();
    }
}
