package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.pix2pix.engine.DeviceHealth.Limits;
import io.pix2pix.engine.DeviceHealth.State;
import io.pix2pix.engine.DeviceHealth.Verdict;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceHealthTest {
    private final FailureException failure =
            new FailureException(
                    Failure.retriable(Stage.GENERATE, "DEVICE_FAILED", "CUDA error: misaligned"));

    private final AtomicInteger probes = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private int failing;
    private final DeviceHealth health =
            new DeviceHealth("gpu:0", this::probe, new Limits(3, Duration.ZERO, 4));

    DeviceHealthTest() {
        health.onBroken(broken::incrementAndGet);
    }

    private void probe() {
        if (probes.getAndIncrement() < failing) {
            throw new IllegalStateException("no answer");
        }
    }

    @Test
    void workThatFailsWhereASmallComputationGoesWellIsToBlameItself() {
        for (int i = 0; i < 100; i++) {
            assertThat(health.failed("a bad model", failure)).isEqualTo(Verdict.WORKS);
            assertThat(health.state()).isEqualTo(State.SUSPECT);
        }
        assertThat(health.reason()).hasValueSatisfying(r -> assertThat(r).contains("misaligned"));
        health.worked();
        assertThat(health.state()).isEqualTo(State.WORKING);
        assertThat(health.reason()).isEmpty();
        assertThat(broken).hasValue(0);
    }

    @Test
    void aHiccupThatPassesBetweenTwoTriesBreaksNothing() {
        failing = 2;
        assertThat(health.failed("m", failure)).isEqualTo(Verdict.WORKS);
        assertThat(probes).hasValue(3);
    }

    @Test
    void aDeviceThatDoesNothingRightIsBrokenForGoodAndOnlyItsLastWorkIsSuspected() {
        failing = 3;
        assertThat(health.failed("m", failure)).isEqualTo(Verdict.BROKE);
        assertThat(health.failed("m", failure)).isEqualTo(Verdict.WAS_BROKEN);
        health.worked();
        assertThat(health.isBroken()).isTrue();
        assertThat(health.reason())
                .hasValueSatisfying(r -> assertThat(r).contains("misaligned", "no answer"));
        assertThat(broken).hasValue(1);
    }

    @Test
    void failuresOfDifferentModelsInARowBreakItThoughItDoesSums() {
        for (int i = 0; i < 3; i++) {
            assertThat(health.failed("model " + i % 2, failure)).isEqualTo(Verdict.WORKS);
        }
        assertThat(health.failed("model 1", failure)).isEqualTo(Verdict.BROKE);
    }

    @Test
    void aSuccessInBetweenBeginsTheCountAnew() {
        for (int i = 0; i < 20; i++) {
            assertThat(health.failed("model " + i % 2, failure)).isEqualTo(Verdict.WORKS);
            if (i % 3 == 2) {
                health.worked();
            }
        }
    }

    @Test
    void anIdleDeviceIsTriedAndABusyOneIsNot() {
        health.check(Duration.ofHours(1));
        assertThat(probes).hasValue(0);
        failing = 4;
        health.check(Duration.ZERO);
        assertThat(health.isBroken()).isTrue();
        assertThat(broken).hasValue(1);
        health.check(Duration.ZERO);
        assertThat(probes).hasValue(3);
    }

    @Test
    void aRealDevicesProbeComputesWhatItShould() {
        TensorEngine engine = TensorEngine.open(new EngineSettings("cpu", 1, null, null));
        assertThat(engine.health(Limits.DEFAULT).state()).isEqualTo(State.WORKING);
        assertThatCode(new DeviceProbe(engine)::convolve).doesNotThrowAnyException();
    }
}
