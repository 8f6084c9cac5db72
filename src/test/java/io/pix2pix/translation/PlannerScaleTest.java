package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(240)
class PlannerScaleTest {
    private static final int KEYS = 1_000_000;
    private static final long FLAT = 8 << 20;

    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    /** Ten million bytes of keys and more would show, were any of them kept. */
    @Test
    void aMillionKeysArePlannedInFlatMemory() throws IOException {
        try (Workplace workplace =
                new Workplace(STACK.store(), STACK.prefix(), new Inverter(), 1, 1)) {
            TranslationJob job =
                    workplace.job("large", IfExists.SKIP, new Size(Size.Mode.RESIZE, 0, 0), 1000);
            List<Long> used = new ArrayList<>();
            Planner planner =
                    new Planner(
                            workplace.store(),
                            (prefix, after) ->
                                    IntStream.range(0, KEYS)
                                            .peek(
                                                    i -> {
                                                        if (i % 200_000 == 100_000) {
                                                            used.add(usedMemory());
                                                        }
                                                    })
                                            .mapToObj(
                                                    i ->
                                                            new StoredObject(
                                                                    prefix.resolve(
                                                                            "video.%07d.jpg"
                                                                                    .formatted(i)),
                                                                    "etag",
                                                                    i,
                                                                    Map.of())),
                            KEYS);

            PlanOutcome outcome = planner.plan(job, "digest", (shard, images) -> {});

            assertThat(outcome).isEqualTo(new PlanOutcome(KEYS / 1000, KEYS));
            assertThat(used.get(used.size() - 1)).isLessThan(used.get(0) + FLAT);
        }
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
