package io.pix2pix.dataset;

import io.pix2pix.failure.FailureException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Work on several items at a time. */
final class Parallel {
    private Parallel() {}

    /**
     * Does all items, so many at a time, and returns when all are done; ends early when one fails.
     *
     * @throws FailureException what the first that failed threw; INTERRUPTED
     */
    static <T> void forEach(List<T> items, int threads, Consumer<T> work) {
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = pool("dataset-check-", threads);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(
                        pool.submit(
                                () -> {
                                    for (int at = next.getAndIncrement();
                                            at < items.size();
                                            at = next.getAndIncrement()) {
                                        try {
                                            work.accept(items.get(at));
                                        } catch (RuntimeException | Error e) {
                                            next.set(items.size());
                                            throw e;
                                        }
                                    }
                                }));
            }
            for (Future<?> worker : workers) {
                result(worker);
            }
        } catch (InterruptedException e) {
            throw Failures.interrupted();
        } finally {
            pool.shutdownNow();
        }
    }

    /** Waits for it, and throws what it threw. */
    static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    static ExecutorService pool(String name, int threads) {
        return Executors.newFixedThreadPool(threads, named(name));
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
