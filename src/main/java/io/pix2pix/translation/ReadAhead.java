package io.pix2pix.translation;

import io.pix2pix.telemetry.Subject;
import java.util.ArrayDeque;
import java.util.PrimitiveIterator;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.IntFunction;

/**
 * Reads what has numbers, several at a time, and gives it out in its order. No more than so many
 * are under way or wait to be taken. For one thread.
 *
 * @param <T> what is read
 */
final class ReadAhead<T> implements AutoCloseable {
    private final PrimitiveIterator.OfInt numbers;
    private final int most;
    private final IntFunction<T> read;
    private final ExecutorService threads;
    private final Executor executor;
    private final Queue<CompletableFuture<T>> ahead = new ArrayDeque<>();

    /**
     * @param name for the threads
     * @param read called for each number, on threads of its own
     */
    ReadAhead(String name, PrimitiveIterator.OfInt numbers, int most, IntFunction<T> read) {
        this.numbers = numbers;
        this.most = most;
        this.read = read;
        this.threads = TranslationExecutors.pool(most, name + "-");
        this.executor = Subject.carriedBy(threads);
    }

    boolean hasNext() {
        return !ahead.isEmpty() || numbers.hasNext();
    }

    /** The next in order; throws what its reading threw. */
    T next() throws InterruptedException {
        while (ahead.size() < most && numbers.hasNext()) {
            int number = numbers.nextInt();
            ahead.add(CompletableFuture.supplyAsync(() -> read.apply(number), executor));
        }
        try {
            return ahead.remove().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            } else if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Stops what is under way; does not wait for it. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
