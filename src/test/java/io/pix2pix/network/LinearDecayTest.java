package io.pix2pix.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinearDecayTest {
    @Test
    void staysAndThenFallsToNearlyZero() {
        LinearDecay decay = new LinearDecay(2e-4, 100, 100);
        assertThat(decay.rate(0)).isEqualTo(2e-4);
        assertThat(decay.rate(100)).isEqualTo(2e-4);
        assertThat(decay.rate(101)).isCloseTo(2e-4 * 100 / 101, within(1e-18));
        assertThat(decay.rate(199)).isCloseTo(2e-4 * 2 / 101, within(1e-18));
    }

    @Test
    void mayFallFromTheStartOrNever() {
        assertThat(new LinearDecay(1, 0, 3).rate(2)).isEqualTo(0.5);
        assertThat(new LinearDecay(1, 3, 0).rate(2)).isEqualTo(1);
    }

    @Test
    void refusesRatesAndEpochsThatTrainNothing() {
        assertThatThrownBy(() -> new LinearDecay(0, 1, 1)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> new LinearDecay(Double.NaN, 1, 1)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new LinearDecay(1, 0, 0)).hasMessageContaining("0 and 0");
        assertThatThrownBy(() -> new LinearDecay(1, -1, 5)).hasMessageContaining("-1");
    }
}
