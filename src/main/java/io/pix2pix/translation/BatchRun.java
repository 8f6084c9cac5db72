package io.pix2pix.translation;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.Generator;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.translation.Batcher.Shape;
import io.pix2pix.translation.Batcher.Waiting;
import java.util.List;

/**
 * Runs one task's batches on the device's thread and gives each image its outcome.
 *
 * <p>A batch that fails is run again in halves, so that one image that the network refuses does not
 * fail its neighbours. A batch that does not fit the device's memory finds the size that does,
 * which is remembered by the device. A failure that may pass is not tried again here: the task's
 * next attempt does that.
 */
final class BatchRun {
    static final String OUT_OF_MEMORY = "OUT_OF_MEMORY";

    /** An image of so many pixels fits any device that is fit for the work. */
    private static final int ORDINARY_PIXELS = 512 * 512;

    private final Generator generator;
    private final String model;
    private final TranslationDevice device;
    private boolean broke;

    /**
     * @param model names the model, the same in every task
     */
    BatchRun(Generator generator, String model, TranslationDevice device) {
        this.generator = generator;
        this.model = model;
        this.device = device;
    }

    /** Completes every image of the batch, which is of one shape. */
    void run(List<Waiting> batch) {
        Shape shape = Shape.of(batch.get(0).image());
        int done = 0;
        while (done < batch.size()) {
            int size = Math.min(batch.size() - done, device.limits().limit(model, shape));
            runAtOnce(batch.subList(done, done + size));
            done += size;
        }
    }

    private void runAtOnce(List<Waiting> batch) {
        if (device.health().isBroken() && !broke) {
            TaskStoppedException stopped = TaskStoppedException.deviceBroken(device.name());
            batch.forEach(w -> w.translated().completeExceptionally(stopped));
            return;
        }
        try {
            translate(batch);
        } catch (FailureException e) {
            failed(batch, e);
        } catch (RuntimeException | Error e) {
            batch.forEach(w -> w.translated().completeExceptionally(e));
        }
    }

    private void translate(List<Waiting> batch) {
        List<Pixels> inputs = batch.stream().map(Waiting::image).toList();
        List<Pixels> outputs = generator.translate(inputs);
        device.health().worked();
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).translated().complete(outputs.get(i));
        }
    }

    private void failed(List<Waiting> batch, FailureException e) {
        boolean noMemory = e.failure().code().equals(OUT_OF_MEMORY);
        if (noMemory && batch.size() > 1) {
            device.didNotFit(model, Shape.of(batch.get(0).image()), batch.size());
            run(batch);
        } else if (noMemory && device.makeRoom()) {
            runAtOnce(batch);
        } else if (!e.failure().retriable() && batch.size() > 1) {
            int half = (batch.size() + 1) / 2;
            runAtOnce(batch.subList(0, half));
            runAtOnce(batch.subList(half, batch.size()));
        } else {
            RuntimeException outcome = noMemory ? aloneTooLarge(batch.get(0), e) : judged(e);
            batch.forEach(w -> w.translated().completeExceptionally(outcome));
        }
    }

    /** What does not fit alone will not fit later, unless it is the memory that is wanting. */
    private RuntimeException aloneTooLarge(Waiting waiting, FailureException e) {
        Pixels image = waiting.image();
        boolean ordinary = (long) image.width() * image.height() <= ORDINARY_PIXELS;
        if (ordinary) {
            return judged(e);
        }
        String message =
                "An image of %s does not fit the device's memory: %s"
                        .formatted(image, e.getMessage());
        return new FailureException(Failure.permanent(Stage.GENERATE, OUT_OF_MEMORY, message), e);
    }

    /** The failure, unless it is none of this task's. */
    private RuntimeException judged(FailureException e) {
        if (!DeviceHealth.concerns(e) || broke) {
            return e;
        }
        return switch (device.health().failed(model, e)) {
            case WORKS -> e;
            case BROKE -> {
                // It counts as an attempt, like the death of a worker: this may be what broke it.
                broke = true;
                yield e;
            }
            case WAS_BROKEN -> TaskStoppedException.deviceBroken(device.name());
        };
    }
}
