package io.pix2pix.dataset;

import io.pix2pix.event.TrainingJob.Training;
import io.pix2pix.failure.FailureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A training's batches from some step on to the end of its last epoch, made ahead by a thread of
 * their own. They depend on nothing but the dataset, the job's settings and the step, not on where
 * the training began or how often it was interrupted.
 *
 * <p>For one consumer thread; {@link #close} may be called from any.
 */
public final class Batches implements AutoCloseable {
    /** Beside the one that the consumer holds and the one in the making. */
    private static final int READY = 2;

    /** Nothing: the end. A failure: the end, too. */
    private record Item(@Nullable PairBatch batch, @Nullable Throwable failure) {
        static final Item END = new Item(null, null);
    }

    private final KeptPairs pairs;
    private final PairForm form;
    private final Training training;
    private final int stepsPerEpoch;
    private final int ahead;
    private final BlockingQueue<Item> ready = new ArrayBlockingQueue<>(READY);
    private final Thread producer;
    private volatile boolean closed;
    private @Nullable Item last;

    /**
     * @param ahead pairs that are being fetched, or wait for their batch, at a time
     */
    Batches(
            KeptPairs pairs,
            PairForm form,
            Training training,
            int stepsPerEpoch,
            int ahead,
            int epoch,
            int step) {
        this.pairs = pairs;
        this.form = form;
        this.training = training;
        this.stepsPerEpoch = stepsPerEpoch;
        this.ahead = ahead;
        this.producer = new Thread(() -> produce(epoch, step), "dataset-batches");
        producer.setDaemon(true);
        producer.start();
    }

    /**
     * The next batch, waited for if need be; null after the last epoch's last.
     *
     * @throws FailureException stage DATASET: a file could not be read; from then on always
     * @throws IllegalStateException after {@link #close}
     */
    public @Nullable PairBatch next() throws InterruptedException {
        Item item = last != null ? last : ready.take();
        if (closed) {
            throw new IllegalStateException("The batches are closed");
        }
        if (item.batch() == null) {
            last = item;
        }
        if (item.failure() instanceof RuntimeException failure) {
            throw failure;
        }
        if (item.failure() instanceof Error failure) {
            throw failure;
        }
        return item.batch();
    }

    private void produce(int fromEpoch, int fromStep) {
        int from = fromStep * training.batchSize();
        PrimitiveIterator.OfInt indexes =
                IntStream.range(fromEpoch, training.totalEpochs())
                        .flatMap(epoch -> order(epoch, epoch == fromEpoch ? from : 0))
                        .iterator();
        try (Lookahead lookahead = new Lookahead(pairs, indexes, ahead)) {
            Item end = Item.END;
            try {
                for (int epoch = fromEpoch; epoch < training.totalEpochs(); epoch++) {
                    int first = epoch == fromEpoch ? fromStep : 0;
                    for (int step = first; step < stepsPerEpoch; step++) {
                        ready.put(new Item(batch(epoch, step, lookahead), null));
                    }
                }
            } catch (RuntimeException | Error e) {
                end = new Item(null, e);
            }
            ready.put(end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Closed: nobody waits for more.
        }
    }

    private IntStream order(int epoch, int from) {
        int[] order = EpochOrder.of(pairs.size(), training.seed(), epoch);
        return Arrays.stream(order, Math.min(from, order.length), order.length);
    }

    private PairBatch batch(int epoch, int step, Lookahead lookahead) throws InterruptedException {
        int first = step * training.batchSize();
        int size = Math.min(training.batchSize(), pairs.size() - first);
        int crop = training.cropSize();
        int inputLength = form.inputChannels() * crop * crop;
        int targetLength = form.outputChannels() * crop * crop;
        float[] inputs = new float[size * inputLength];
        float[] targets = new float[size * targetLength];
        List<String> names = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Lookahead.Item pair = lookahead.next();
            Augmentation cut =
                    Augmentation.of(
                            training.loadSize() - crop,
                            training.flip(),
                            training.seed(),
                            epoch,
                            pair.index());
            PixelScale.write(pair.pixels().input(), cut, crop, inputs, i * inputLength);
            PixelScale.write(pair.pixels().target(), cut, crop, targets, i * targetLength);
            names.add(pairs.name(pair.index()));
        }
        return new PairBatch(
                epoch,
                step,
                size,
                form.inputChannels(),
                form.outputChannels(),
                crop,
                crop,
                inputs,
                targets,
                names);
    }

    /** Stops the thread; a consumer that waits is woken. */
    @Override
    public void close() {
        closed = true;
        producer.interrupt();
        try {
            producer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ready.clear();
        ready.add(Item.END);
    }
}
