package io.pix2pix.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JobStateTest {
    private static final int SHARDS = 10_000;

    @Test
    void theFinishedShardsOfAStandingJobTakeNoRoomHoweverMany() {
        JobState job = standing();
        for (int shard = 0; shard < SHARDS; shard++) {
            if (shard != 9000) {
                job.markDone(shard);
            }
        }
        assertThat(job.done).hasSizeLessThanOrEqualTo((SHARDS - 9000) / Long.SIZE + 2);
        assertThat(job.notDone()).containsExactly(9000);
        job.markDone(9000);
        assertThat(job.done).hasSizeLessThanOrEqualTo(1);
        assertThat(job.shardsDone).isEqualTo(SHARDS);
        assertThat(job.notDone()).isEmpty();
    }

    @Test
    void shardsThatFinishInAnyOrderAreKnownAlsoFromTheStore() {
        int seed = 7;
        List<Integer> order = new ArrayList<>(IntStream.range(0, 1000).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        JobState begun = standing();
        begun.shards = 1000;
        byte[] stored = Json.write(begun);
        for (int i = 0; i < 1000; i++) {
            stored = Json.write(mark(stored, order.get(i)));
            JobState job = Json.read(stored, JobState.class);
            List<Integer> missing = order.subList(i + 1, 1000).stream().sorted().toList();
            assertThat(job.notDone()).describedAs("seed %d, %d done", seed, i).isEqualTo(missing);
            assertThat(missing).noneMatch(job::isDone);
            assertThat(order.subList(0, i + 1)).allMatch(job::isDone);
        }
    }

    /** Other jobs end: theirs stay as a tracker of the version before reads them. */
    @Test
    void anOrdinaryJobHasABitForEachShard() {
        JobState job = standing();
        job.following = false;
        IntStream.range(0, 128).forEach(job::markDone);
        assertThat(job.done).containsExactly(-1L, -1L);
        assertThat(job.doneBelow).isZero();
    }

    @Test
    void whatAnEarlierVersionKeptOfAStandingJobIsRead() {
        String kept =
                """
                {"jobId": "job", "following": true, "shards": 68, "shardsDone": 65, "done": [-1, 1]}
                """;
        JobState job = Json.read(kept.getBytes(UTF_8), JobState.class);
        assertThat(job.notDone()).containsExactly(65, 66, 67);
        job.markDone(66);
        assertThat(job.notDone()).containsExactly(65, 67);
        assertThat(job.isDone(0)).isTrue();
    }

    private static JobState mark(byte[] stored, int shard) {
        JobState job = Json.read(stored, JobState.class);
        job.markDone(shard);
        return job;
    }

    private static JobState standing() {
        JobState job = new JobState();
        job.following = true;
        job.shards = SHARDS;
        return job;
    }
}
