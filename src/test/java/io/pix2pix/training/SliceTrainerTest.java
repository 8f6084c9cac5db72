package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A training whose device breaks under it. */
@Timeout(60)
class SliceTrainerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int PAIRS = 4;

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
        S3Uri prefix = STACK.prefix();
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
                        "{\"checkpoint\": {\"everyEpochs\": 1}}");
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
        return new TrainingControl() {
            @Override
            public Wish wish() {
                return Wish.GO_ON;
            }

            @Override
            public boolean othersWait() {
                return false;
            }

            @Override
            public void progress(int epoch, long step) {
                onStep.accept(step);
            }

            @Override
            public void alive() {}

            @Override
            public void tell(TrainingEvent event) {}
        };
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
