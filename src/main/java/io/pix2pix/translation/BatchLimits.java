package io.pix2pix.translation;

import io.pix2pix.translation.Batcher.Shape;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The batch sizes that are left for a device after larger ones did not fit its memory: by model and
 * image shape, for as long as the process lives. They only ever shrink: what did not fit once would
 * cost a failed forward pass each time it was tried again.
 *
 * <p>Safe for use by several threads.
 */
final class BatchLimits {
    private static final Logger LOG = System.getLogger(BatchLimits.class.getName());

    /** More models and shapes than a device meets in days; the longest unused are forgotten. */
    private static final int CAPACITY = 1000;

    private record Key(String model, Shape shape) {}

    private final String device;
    private final Map<Key, Integer> limits =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Integer> eldest) {
                    return size() > CAPACITY;
                }
            };

    BatchLimits(String device) {
        this.device = device;
    }

    /** Images of this shape that a batch for this model may have; no limit is a large number. */
    synchronized int limit(String model, Shape shape) {
        return limits.getOrDefault(new Key(model, shape), Integer.MAX_VALUE);
    }

    /** A batch of so many images did not fit; from now on half as many are tried. */
    synchronized void didNotFit(String model, Shape shape, int images) {
        int half = (images + 1) / 2;
        Key key = new Key(model, shape);
        if (half < limits.getOrDefault(key, Integer.MAX_VALUE)) {
            limits.put(key, half);
            LOG.log(
                    Level.WARNING,
                    "{0}: {1} images of {2} at a time do not fit its memory with model {3};"
                            + " at most {4} from now on",
                    device,
                    images,
                    shape,
                    model,
                    half);
        }
    }

    /** How many models and shapes have a limit. */
    synchronized int count() {
        return limits.size();
    }
}
