package io.pix2pix.translation;

import io.pix2pix.engine.Generator;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.translation.Batcher.Waiting;
import java.util.List;

/**
 * Runs a batch on the device's thread and gives each image its outcome.
 *
 * <p>A batch that fails is run again in halves, so that one image that the network refuses does not
 * fail its neighbours, and a batch that does not fit the device's memory finds the size that does;
 * that size holds from then on. A failure that may pass is not tried again here: the task's next
 * attempt does that.
 */
final class BatchRun {
    static final String OUT_OF_MEMORY = "OUT_OF_MEMORY";

    private final Generator generator;
    private volatile int limit = Integer.MAX_VALUE;

    BatchRun(Generator generator) {
        this.generator = generator;
    }

    /** The batch size that fitted the device's memory after one that did not. */
    int limit() {
        return limit;
    }

    /** Completes every image of the batch. */
    void run(List<Waiting> batch) {
        try {
            List<Pixels> inputs = batch.stream().map(Waiting::image).toList();
            List<Pixels> outputs = generator.translate(inputs);
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).translated().complete(outputs.get(i));
            }
        } catch (FailureException e) {
            failed(batch, e);
        } catch (RuntimeException | Error e) {
            batch.forEach(w -> w.translated().completeExceptionally(e));
        }
    }

    private void failed(List<Waiting> batch, FailureException e) {
        boolean noMemory = e.failure().code().equals(OUT_OF_MEMORY);
        boolean mayDependOnSize = noMemory || !e.failure().retriable();
        if (batch.size() > 1 && mayDependOnSize) {
            int half = (batch.size() + 1) / 2;
            limit = noMemory ? Math.min(limit, half) : limit;
            run(batch.subList(0, half));
            run(batch.subList(half, batch.size()));
        } else {
            FailureException outcome = noMemory ? tooLarge(batch.get(0).image(), e) : e;
            batch.forEach(w -> w.translated().completeExceptionally(outcome));
        }
    }

    /** What does not fit alone will not fit later. */
    private static FailureException tooLarge(Pixels image, FailureException e) {
        String message =
                "An image of %s does not fit the device's memory: %s"
                        .formatted(image, e.getMessage());
        return new FailureException(Failure.permanent(Stage.GENERATE, OUT_OF_MEMORY, message), e);
    }
}
