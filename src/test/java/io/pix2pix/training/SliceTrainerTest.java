package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pix2pix.dataset.DatasetConfig;
import io.pix2pix.dataset.DatasetPlanner;
import io.pix2pix.dataset.PairedDatasets;
import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.DeviceHealth.Limits;
import io.pix2pix.engine.EngineSettings;
import io.pix2pix.engine.TensorEngine;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Pictures;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A training whose device breaks under it, and what its validation counts as. */
@Timeout(60)
class SliceTrainerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int PAIRS = 4;

    static {
        // Meters count nothing without one.
        Metrics.addRegistry(new SimpleMeterRegistry());
    }

    @TempDir private Path folder = Path.of("");

    @Test
    void isHandedBackWithoutAFaultWhenTheDeviceBreaksOverOtherWork() throws Exception {
        DeviceHealth health = new DeviceHealth("gpu:3", SliceTrainerTest::noAnswer, limits());
        TrainingTask task = task();
        long[] last = {0};

        SliceOutcome outcome =
                trainer(health)
                        .train(
                                task,
                                control(
                                        step -> {
                                            last[0] = step;
                                            if (step == PAIRS + 2) {
                                                // As the translations beside it would find out.
                                                health.failed("a model", deviceFailed());
                                            }
                                        }));

        assertThat(health.isBroken()).isTrue();
        assertThat(outcome.end()).isEqualTo(SliceOutcome.End.HANDED_BACK);
        assertThat(last[0]).isEqualTo(PAIRS + 2);
        // That of the first epoch: the broken device is asked for nothing more.
        assertThat(outcome.checkpoint()).contains("/e0001-s00000004");
    }

    @Test
    void ofAValidationTheDeviceIsBusyOnlyWhileItGenerates() throws Exception {
        SlowValidation control = new SlowValidation("whole", false);
        trainer(new DeviceHealth("whole", () -> {}, limits())).train(validated(), control);

        double busy = control.busyAfter - control.busyBefore;
        double others =
                (control.endedNanos - control.begunNanos - control.waitedNanos)
                        / (double) TimeUnit.SECONDS.toNanos(1);
        assertThat(control.waitedNanos).isPositive();
        // Whatever the machine does: the device was not busy while nobody asked anything of it.
        assertThat(busy).isPositive().isLessThanOrEqualTo(others);
    }

    @Test
    void aValidationThatIsCutShortHasKeptItsDeviceBusy() throws Exception {
        SlowValidation control = new SlowValidation("short", true);
        SliceOutcome outcome =
                trainer(new DeviceHealth("short", () -> {}, limits())).train(validated(), control);

        assertThat(outcome.end()).isEqualTo(SliceOutcome.End.HANDED_BACK);
        assertThat(busySeconds("short")).isGreaterThan(control.busyBefore);
    }

    private static void noAnswer() {
        throw new IllegalStateException("no answer");
    }

    private static Limits limits() {
        return new Limits(2, Duration.ZERO, 10);
    }

    private static FailureException deviceFailed() {
        return new FailureException(
                Failure.retriable(Stage.GENERATE, "DEVICE_FAILED", "CUDA error: unknown error"));
    }

    private TrainingTask task() {
        return task("{\"checkpoint\": {\"everyEpochs\": 1}}", STACK.prefix());
    }

    /** One epoch, and then its pairs once more. */
    private TrainingTask validated() {
        S3Uri prefix = STACK.prefix();
        return task(
                """
                {"training": {"epochs": 1, "decayEpochs": 0, "loadSize": 18, "cropSize": 16},
                 "validation": {"uri": "%s", "everyEpochs": 1, "samples": 0}}
                """
                        .formatted(prefix.resolve("data/")),
                prefix);
    }

    private TrainingTask task(String settings, S3Uri prefix) {
        for (int i = 0; i < PAIRS; i++) {
            STACK.store()
                    .create(
                            prefix.resolve("data/%d.png".formatted(i)),
                            Pictures.png(40, 20, i),
                            "image/png",
                            Map.of());
        }
        TrainingJob job =
                Trainings.job(
                        "broken",
                        prefix.resolve("out/"),
                        "{\"dataset\": {\"uri\": \"%s\"}}".formatted(prefix.resolve("data/")),
                        settings);
        var dataset = new DatasetPlanner(STACK.store(), new Config(folder)).check(job, () -> false);
        return new TrainingTask(job.jobId(), 0, 1, null, dataset, null, job);
    }

    private SliceTrainer trainer(DeviceHealth health) {
        Config config = new Config(folder);
        return new SliceTrainer(
                STACK.store(),
                TensorEngine.open(new EngineSettings("cpu", 1, null, null)),
                health,
                new PairedDatasets(STACK.store(), config, Clock.systemUTC()),
                config,
                "worker",
                Clock.systemUTC());
    }

    private static TrainingControl control(LongConsumer onStep) {
        return new Control() {
            @Override
            public void progress(int epoch, long step) {
                onStep.accept(step);
            }
        };
    }

    /** Lets the training go on. */
    private static class Control implements TrainingControl {
        @Override
        public Wish wish() {
            return Wish.GO_ON;
        }

        @Override
        public boolean othersWait() {
            return false;
        }

        @Override
        public void progress(int epoch, long step) {}

        @Override
        public void alive() {}

        @Override
        public void tell(TrainingEvent event) {}
    }

    /** Waits after each batch of a validation, as one that compares large pictures does. */
    private static final class SlowValidation extends Control {
        private final String device;
        private final boolean isCutShort;
        private long begunNanos;
        private long endedNanos;
        private long waitedNanos;
        private double busyBefore;
        private double busyAfter;

        SlowValidation(String device, boolean isCutShort) {
            this.device = device;
            this.isCutShort = isCutShort;
        }

        @Override
        public Wish wish() {
            return isCutShort && waitedNanos > 0 ? Wish.HAND_BACK : Wish.GO_ON;
        }

        /** The validation comes behind the epoch's last step. */
        @Override
        public void progress(int epoch, long step) {
            begunNanos = System.nanoTime();
            busyBefore = busySeconds(device);
        }

        @Override
        public void alive() {
            long start = System.nanoTime();
            try {
                assertThat(new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS)).isFalse();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            waitedNanos += System.nanoTime() - start;
        }

        @Override
        public void tell(TrainingEvent event) {
            if (event instanceof TrainingEvent.EpochCompleted) {
                endedNanos = System.nanoTime();
                busyAfter = busySeconds(device);
            }
        }
    }

    private static double busySeconds(String device) {
        return Metrics.globalRegistry
                .get("pix2pix.device.busy")
                .tags("device", device, "work", "training")
                .counter()
                .count();
    }

    private record Config(Path folder) implements DatasetConfig, TrainingConfig {
        @Override
        public Duration slice() {
            return Duration.ofHours(1);
        }

        @Override
        public String scratch() {
            return folder.resolve("scratch").toString();
        }

        @Override
        public OptionalLong memoryBytes() {
            return OptionalLong.of(1 << 20);
        }

        @Override
        public Optional<String> cacheDirectory() {
            return Optional.of(folder.resolve("cache").toString());
        }

        @Override
        public long cacheBytes() {
            return 1 << 20;
        }

        @Override
        public int fetchThreads() {
            return 2;
        }

        @Override
        public int checkThreads() {
            return 2;
        }

        @Override
        public long maxImageBytes() {
            return 1 << 20;
        }

        @Override
        public long maxImagePixels() {
            return 1_000_000;
        }
    }
}
