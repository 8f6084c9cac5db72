package io.pix2pix.translation;

import io.pix2pix.engine.Generator;
import io.pix2pix.image.Pixels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The smallest generator: every colour becomes its complement. It counts and checks its calls. */
public class Inverter implements Generator {
    final List<Integer> batches = new ArrayList<>();
    final AtomicInteger users = new AtomicInteger();
    volatile boolean closed;
    private final int multiple;

    public Inverter() {
        this(1);
    }

    Inverter(int multiple) {
        this.multiple = multiple;
    }

    @Override
    public int inputChannels() {
        return 3;
    }

    @Override
    public int sizeMultiple() {
        return multiple;
    }

    @Override
    public List<Pixels> translate(List<Pixels> batch) {
        if (closed || users.getAndIncrement() != 0) {
            throw new IllegalStateException("Closed, or used by two at once");
        }
        try {
            synchronized (batches) {
                batches.add(batch.size());
            }
            return batch.stream().map(Inverter::inverted).toList();
        } finally {
            users.decrementAndGet();
        }
    }

    /** How many images were given to it. */
    int images() {
        synchronized (batches) {
            return batches.stream().mapToInt(Integer::intValue).sum();
        }
    }

    static Pixels inverted(Pixels image) {
        byte[] samples = image.bytes().clone();
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) ~samples[i];
        }
        return Pixels.of8(image.width(), image.height(), image.channels(), samples);
    }

    @Override
    public void close() {
        closed = true;
    }
}
