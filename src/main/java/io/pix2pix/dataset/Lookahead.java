package io.pix2pix.dataset;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PrimitiveIterator;
import java.util.concurrent.Future;

/**
 * Gives pairs in an order, and fetches those that come next meanwhile. For one thread.
 *
 * <p>Fails where the pair that failed is due, with what made it fail.
 */
final class Lookahead implements AutoCloseable {
    /** A pair and which it is. */
    record Item(int index, PixelPair pixels) {}

    private record Pending(int index, Future<PixelPair> pixels) {}

    private final KeptPairs pairs;
    private final PrimitiveIterator.OfInt order;
    private final int depth;
    private final Deque<Pending> pending = new ArrayDeque<>();

    /**
     * @param depth pairs that are fetched or waiting at a time
     */
    Lookahead(KeptPairs pairs, PrimitiveIterator.OfInt order, int depth) {
        this.pairs = pairs;
        this.order = order;
        this.depth = depth;
    }

    boolean hasNext() {
        return !pending.isEmpty() || order.hasNext();
    }

    /** The next pair, waited for if need be. */
    Item next() throws InterruptedException {
        while (pending.size() < depth && order.hasNext()) {
            int index = order.nextInt();
            pending.add(new Pending(index, pairs.get(index)));
        }
        Pending first = pending.remove();
        return new Item(first.index(), Parallel.result(first.pixels()));
    }

    /** What is being fetched is finished but not waited for; what waits for a thread is dropped. */
    @Override
    public void close() {
        pending.forEach(p -> p.pixels().cancel(false));
    }
}
