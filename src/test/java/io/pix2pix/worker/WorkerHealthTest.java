package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.engine.DeviceHealth.Limits;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WorkerHealthTest {
    private record Config(Duration interval) implements HealthConfig {
        @Override
        public Duration patience() {
            return Duration.ofSeconds(1);
        }

        @Override
        public int deviceProbes() {
            return 1;
        }

        @Override
        public Duration deviceProbePause() {
            return Duration.ZERO;
        }

        @Override
        public int deviceFailures() {
            return 10;
        }

        @Override
        public Duration grace() {
            return Duration.ofSeconds(1);
        }
    }

    private final WorkerHealth health =
            new WorkerHealth(new Config(Duration.ofMillis(20)), Duration.ofMinutes(1));

    @AfterEach
    void close() {
        health.close();
    }

    @Test
    void isNotReadyWhileItStartsAndAliveAllTheTime() {
        assertThat(health.ready().up()).isFalse();
        assertThat(health.ready().data()).containsEntry("worker", "starting");
        assertThat(health.live().up()).isTrue();
        health.started();
        assertThat(health.ready().up()).isTrue();
    }

    @Test
    void isReadyAsLongAsEveryPartAnswersAndSaysWhichDoesNot() {
        AtomicBoolean answers = new AtomicBoolean();
        health.watch(
                "storage",
                () -> {
                    if (!answers.get()) {
                        throw new IllegalStateException("storage answers 503");
                    }
                });
        health.started();
        await().untilAsserted(
                        () ->
                                assertThat(health.ready().data())
                                        .containsEntry("storage", "storage answers 503"));
        answers.set(true);
        await().until(() -> health.ready().up());
        answers.set(false);
        await().until(() -> !health.ready().up());
        assertThat(health.live().up()).isTrue();
    }

    @Test
    void aPartThatHangsIsNoticedAndHoldsUpNobody() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean hangs = new AtomicBoolean();
        health.watch(
                "kafka",
                () -> {
                    if (hangs.get()) {
                        never.await();
                    }
                });
        health.started();
        await().until(() -> health.ready().up());
        hangs.set(true);
        await().untilAsserted(
                        () ->
                                assertThat(health.ready().data().get("kafka"))
                                        .contains("was not tried"));
    }

    @Test
    void aDeadTrackerIsTheEndOfALife() {
        AtomicBoolean dead = new AtomicBoolean();
        health.watchLife("tracker", dead::get);
        assertThat(health.live().up()).isTrue();
        dead.set(true);
        assertThat(health.live().up()).isFalse();
        assertThat(health.live().data()).containsEntry("tracker", "is dead");
    }

    @Test
    void aBrokenDeviceIsTheEndOfALife() {
        DeviceHealth device =
                new DeviceHealth(
                        "gpu:1",
                        () -> {
                            throw new IllegalStateException("no answer");
                        },
                        new Limits(1, Duration.ZERO, 10));
        health.started();
        device.failed(
                "model",
                new FailureException(
                        Failure.retriable(Stage.GENERATE, "DEVICE_FAILED", "an ECC error")));
        assertThat(health.live().up()).isTrue();
        health.watch(device);
        assertThat(health.live().up()).isFalse();
        assertThat(health.live().data().get("gpu:1")).contains("BROKEN", "an ECC error");
        assertThat(health.ready().up()).isFalse();
    }

    @Test
    void anIdleDeviceIsTriedNowAndThen() {
        AtomicBoolean fails = new AtomicBoolean();
        DeviceHealth device =
                new DeviceHealth(
                        "gpu:1",
                        () -> {
                            if (fails.get()) {
                                throw new IllegalStateException("it fell off the bus");
                            }
                        },
                        new Limits(1, Duration.ZERO, 10));
        health.watch(device);
        health.started();
        await().until(() -> health.ready().up());
        fails.set(true);
        await().until(() -> !health.live().up());
    }
}
