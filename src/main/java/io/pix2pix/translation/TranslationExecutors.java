package io.pix2pix.translation;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that a worker's devices and slots share: some that wait for storage, one a core that
 * works on pixels. Queues need no bound of their own, since each slot bounds its images in flight.
 */
public final class TranslationExecutors implements AutoCloseable {
    private final ThreadPoolExecutor io;
    private final ThreadPoolExecutor codec;

    /**
     * @param ioThreads fetches and puts at a time
     * @param codecThreads decodes and encodes at a time
     */
    public TranslationExecutors(int ioThreads, int codecThreads) {
        io = pool(ioThreads, "translation-io-");
        codec = pool(codecThreads, "translation-codec-");
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

    /** Images that wait to be fetched or put. */
    public int waitingForIo() {
        return io.getQueue().size();
    }

    /** Images that wait to be decoded or encoded. */
    public int waitingForCodec() {
        return codec.getQueue().size();
    }

    /** So many threads and a queue whose length can be asked. */
    static ThreadPoolExecutor pool(int threads, String prefix) {
        return new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named(prefix));
    }

    private static ThreadFactory named(String prefix) {
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
