package io.pix2pix.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SubjectTest {
    @AfterEach
    void leave() {
        Subject.leave();
    }

    @Test
    void otherThreadsWorkForItWhileTheyDoItsWorkAndNoLonger() throws Exception {
        List<Subject> seen = new ArrayList<>();
        Subject shard = new Subject("job", "7");
        ExecutorService pool = Executors.newSingleThreadExecutor();
        shard.enter();
        var carrying = Subject.carriedBy(pool);
        Subject.leave();
        carrying.execute(() -> seen.add(Subject.current()));
        pool.execute(() -> seen.add(Subject.current()));
        pool.shutdown();
        assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).containsExactly(shard, null);
        assertThat(Subject.current()).isNull();
    }
}
