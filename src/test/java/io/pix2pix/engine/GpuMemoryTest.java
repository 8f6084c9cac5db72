package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuMemoryTest {
    @ParameterizedTest
    @CsvSource({"0,,0", "1,,1", "0,'2,3',2", "1,'2, 3',3", "0,GPU-8f1b,GPU-8f1b", "0,'',0"})
    void theDriversNameOfAGpuIsFound(int index, String visible, String expected) {
        assertThat(GpuMemory.visible(index, visible)).isEqualTo(expected);
    }

    /** On a machine with a GPU: it has memory, and some of it is in use. Elsewhere: nothing. */
    @Test
    void aGpuTellsOfItsMemory() {
        GpuMemory.of(0)
                .ifPresent(
                        gpu -> {
                            assertThat(gpu.total()).isGreaterThan(1 << 30);
                            assertThat(gpu.used()).isBetween(0.0, gpu.total());
                        });
    }
}
