package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.IfExists;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.storage.StoredObject;
import io.pix2pix.testing.CountingProxy;
import io.pix2pix.testing.LocalStackExtension;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A million keys, listed by a stand-in for the paginator, planned into a real storage. */
@Timeout(240)
class PlannerScaleTest {
    private static final int KEYS = 1_000_000;
    private static final int SHARD = 1000;
    private static final int CRASH = 990;
    private static final long FLAT = 8 << 20;

    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private final List<Long> used = new ArrayList<>();
    private final AtomicInteger listed = new AtomicInteger();

    /** Ten million bytes of keys and more would show, were any of them kept. */
    @Test
    void aMillionKeysArePlannedInFlatMemoryAndAResumedPlanReadsNothingAgain() throws IOException {
        StorageSettings direct = STACK.storage();
        try (CountingProxy proxy = new CountingProxy(direct.endpoint().orElseThrow());
                ObjectStore store = new ObjectStore(through(proxy, direct));
                Workplace workplace = new Workplace(store, STACK.prefix(), new Inverter(), 1, 1)) {
            TranslationJob job =
                    workplace.job("large", IfExists.SKIP, new Size(Size.Mode.RESIZE, 0, 0), SHARD);
            Planner planner = new Planner(store, this::list, KEYS);
            AtomicInteger listedAtFirst = new AtomicInteger();

            assertThatThrownBy(
                            () ->
                                    planner.plan(
                                            job,
                                            "digest",
                                            (shard, images) -> {
                                                listedAtFirst.compareAndSet(0, listed.get());
                                                if (shard == CRASH) {
                                                    throw new IllegalStateException("crash");
                                                }
                                            }))
                    .hasMessage("crash");

            assertThat(listedAtFirst.get()).isBetween(SHARD, SHARD + 1);
            assertThat(used).hasSize(5);
            assertThat(used.get(4)).isLessThan(used.get(0) + FLAT);

            listed.set(0);
            var unused = proxy.take();
            List<Integer> told = new ArrayList<>();
            PlanOutcome outcome = planner.plan(job, "digest", (shard, images) -> told.add(shard));

            assertThat(outcome).isEqualTo(new PlanOutcome(KEYS / SHARD, KEYS));
            assertThat(told).hasSize(KEYS / SHARD).isSorted();
            int left = KEYS / SHARD - CRASH - 1;
            assertThat(listed.get()).isEqualTo(left * SHARD);
            assertRequests(proxy.take(), left);

            assertThat(planner.plan(job, "digest", (shard, images) -> {})).isEqualTo(outcome);
            assertThat(listed.get()).describedAs("a complete plan").isEqualTo(left * SHARD);
            assertThat(proxy.take()).hasSizeLessThan(10);
        }
    }

    /** One list of the manifests, the last of them, and what is new. */
    private static void assertRequests(List<String> requests, int newShards) {
        List<String> lists =
                requests.stream()
                        .filter(r -> r.startsWith("GET") && r.contains("list-type"))
                        .toList();
        List<String> shardsRead =
                requests.stream().filter(r -> r.startsWith("GET") && r.endsWith(".jsonl")).toList();
        assertThat(lists).describedAs("%s", requests).hasSize(1);
        assertThat(shardsRead).hasSize(1);
        assertThat(shardsRead.get(0)).endsWith("%05d.jsonl".formatted(CRASH));
        assertThat(requests).hasSizeLessThan(newShards + 10);
    }

    private Stream<StoredObject> list(S3Uri prefix, @Nullable String after) {
        int from =
                after == null
                        ? 0
                        : 1 + Integer.parseInt(after.replaceAll(".*video\\.(\\d+)\\.jpg", "$1"));
        return IntStream.range(from, KEYS)
                .peek(
                        i -> {
                            listed.incrementAndGet();
                            if (i % 200_000 == 100_000) {
                                used.add(usedMemory());
                            }
                        })
                .mapToObj(
                        i ->
                                new StoredObject(
                                        prefix.resolve("video.%07d.jpg".formatted(i)),
                                        "etag",
                                        i,
                                        Map.of()));
    }

    private static StorageSettings through(CountingProxy proxy, StorageSettings s) {
        return StorageSettings.at(
                proxy.endpoint(), s.accessKey().orElseThrow(), s.secretKey().orElseThrow());
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
