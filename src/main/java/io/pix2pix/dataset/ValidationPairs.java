package io.pix2pix.dataset;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The pairs that a training is measured on, in the order of their names. */
public final class ValidationPairs {
    private final KeptPairs pairs;
    private final int ahead;

    ValidationPairs(KeptPairs pairs, int ahead) {
        this.pairs = pairs;
        this.ahead = ahead;
    }

    public int size() {
        return pairs.size();
    }

    /** Goes through all of them; the pairs that come next are fetched meanwhile. */
    public Pass pass() {
        return new Pass();
    }

    /** For one thread. */
    public final class Pass implements AutoCloseable {
        private final Lookahead lookahead =
                new Lookahead(pairs, IntStream.range(0, pairs.size()).iterator(), ahead);

        private Pass() {}

        /**
         * The next pair, waited for if need be; null after the last.
         *
         * @throws io.pix2pix.failure.FailureException stage DATASET: a file could not be read
         */
        public @Nullable ValidationPair next() throws InterruptedException {
            if (!lookahead.hasNext()) {
                return null;
            }
            Lookahead.Item item = lookahead.next();
            PixelPair pixels = item.pixels();
            return new ValidationPair(
                    pairs.name(item.index()), pixels.input(), pixels.target().toEightBits());
        }

        @Override
        public void close() {
            lookahead.close();
        }
    }
}
