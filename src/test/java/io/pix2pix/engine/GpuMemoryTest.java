package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuMemoryTest {
    @ParameterizedTest
    @CsvSource({"0,,0", "1,,1", "0,'2,3',2", "1,'2, 3',3", "0,GPU-8f1b,GPU-8f1b", "0,'',0"})
    void theDriversNameOfAGpuIsFound(int index, String visible, String expected) {
        assertThat(GpuMemory.visible(index, visible)).isEqualTo(expected);
    }

    /** Where there is a driver, the first GPU has memory, and some of it is in use. */
    @Test
    void aGpuTellsOfItsMemory() {
        Optional<GpuMemory> first = GpuMemory.of(0);
        assertThat(first.isPresent())
                .isEqualTo(Files.exists(Path.of("/proc/driver/nvidia/version")));
        first.ifPresent(
                gpu -> {
                    assertThat(gpu.total()).isGreaterThan(1 << 30);
                    assertThat(gpu.used()).isPositive().isLessThanOrEqualTo(gpu.total());
                });
    }
}
