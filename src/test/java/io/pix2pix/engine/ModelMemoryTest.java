package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.ChildJvm;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A model that is released gives its memory back, also where the allocator is told to keep it. */
@Timeout(180)
class ModelMemoryTest {
    private static final int TOGETHER = 4;

    @Test
    void asTheAllocatorIsByItself() throws Exception {
        assertReturned(Map.of());
    }

    @Test
    void asWorkersRun() throws Exception {
        assertReturned(
                Map.of(
                        "MALLOC_ARENA_MAX", "1",
                        "MALLOC_MMAP_THRESHOLD_", "1073741824",
                        "MALLOC_TRIM_THRESHOLD_", "8589934592"));
    }

    private static void assertReturned(Map<String, String> environment) throws Exception {
        Map<String, Long> memory =
                ChildJvm.run(ModelMemoryProbe.class, environment).stream()
                        .filter(line -> line.startsWith("memory "))
                        .map(line -> line.split(" ", -1))
                        .collect(Collectors.toMap(w -> w[1], w -> Long.valueOf(w[2])));
        long model = memory.get("file");
        long before = memory.get("before");
        assertThat(model).isGreaterThan(25_000_000);
        assertThat(memory.get("held") - before).isGreaterThan(TOGETHER * model * 9 / 10);
        assertThat(memory.get("released") - before).isLessThan(model / 2);
        assertThat(memory.get("again") - before).isLessThan(model / 2);
    }
}
