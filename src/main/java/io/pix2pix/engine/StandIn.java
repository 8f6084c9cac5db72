package io.pix2pix.engine;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A device that computes nothing: it takes its time, gives back what it was given and has the
 * faults that it is told to have. For tests and benchmarks of everything around a device.
 *
 * <p>Safe for use by several threads; its generators are not.
 */
public final class StandIn {
    /** What a picture whose top left pixel is {@link #POISON} does. */
    public enum Poison {
        /** The process dies at once, as if it had been killed. */
        HALT,
        /** Every batch with such a picture fails for good. */
        FAIL
    }

    /** The colour of a poisonous picture's top left pixel: red, green, blue. */
    public static final List<Integer> POISON = List.of(255, 0, 255);

    /** The exit code of a process that SIGKILL ended. */
    private static final int KILLED = 137;

    /**
     * What is wrong with a device.
     *
     * @param poison null: no picture is poisonous
     * @param failEvery every such batch fails with a device error that may pass; 0: none
     * @param memory images that fit its memory at a time; larger batches fail with OUT_OF_MEMORY
     * @param breakAfter batches after which it is broken: it fails whatever it is given; -1: never
     */
    public record Faults(@Nullable Poison poison, int failEvery, int memory, int breakAfter) {
        /** A device without a fault. */
        public static final Faults NONE = new Faults(null, 0, Integer.MAX_VALUE, -1);
    }

    private final Duration perImage;
    private final Faults faults;
    private final AtomicLong batches = new AtomicLong();

    /**
     * @param perImage device time that each image of a batch takes
     */
    public StandIn(Duration perImage, Faults faults) {
        this.perImage = perImage;
        this.faults = faults;
    }

    /** A generator for images of three channels and any size. */
    public Generator generator() {
        Generator waiting = new WaitingGenerator(3, 3, 1, perImage);
        return new Generator() {
            @Override
            public int inputChannels() {
                return waiting.inputChannels();
            }

            @Override
            public int sizeMultiple() {
                return waiting.sizeMultiple();
            }

            @Override
            public List<Pixels> translate(List<Pixels> batch) {
                suffer(batch);
                return waiting.translate(batch);
            }

            @Override
            public void close() {
                waiting.close();
            }
        };
    }

    /**
     * Tries whether the device works at all.
     *
     * @throws FailureException retriable: DEVICE_FAILED
     */
    public void probe() {
        if (isBroken(batches.get())) {
            throw deviceFailed("it is broken since its batch " + faults.breakAfter());
        }
    }

    private void suffer(List<Pixels> batch) {
        long number = batches.incrementAndGet();
        if (faults.poison() != null && batch.stream().anyMatch(StandIn::isPoisonous)) {
            if (faults.poison() == Poison.HALT) {
                Runtime.getRuntime().halt(KILLED);
            }
            throw new FailureException(
                    Failure.permanent(
                            Stage.GENERATE, "FORWARD_FAILED", "A picture is poisonous to it"));
        }
        if (batch.size() > faults.memory()) {
            throw new FailureException(
                    Failure.retriable(
                            Stage.GENERATE,
                            "OUT_OF_MEMORY",
                            "The stand-in device has memory for %d images, found %d"
                                    .formatted(faults.memory(), batch.size())));
        }
        if (isBroken(number - 1)) {
            throw deviceFailed("it is broken since its batch " + faults.breakAfter());
        }
        if (faults.failEvery() > 0 && number % faults.failEvery() == 0) {
            throw deviceFailed("its batch %d was to fail".formatted(number));
        }
    }

    private boolean isBroken(long done) {
        return faults.breakAfter() >= 0 && done >= faults.breakAfter();
    }

    private static FailureException deviceFailed(String why) {
        return new FailureException(
                Failure.retriable(
                        Stage.GENERATE, "DEVICE_FAILED", "The stand-in device failed: " + why));
    }

    /** Whether the picture's top left pixel has the marker's colour. */
    static boolean isPoisonous(Pixels image) {
        if (image.channels() != POISON.size()) {
            return false;
        }
        int shift = image.bits() - 8;
        for (int c = 0; c < POISON.size(); c++) {
            if (image.sample(0, 0, c) >> shift != POISON.get(c)) {
                return false;
            }
        }
        return true;
    }
}
