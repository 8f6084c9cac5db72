package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class QuarantineTest {
    private final Quarantine quarantine = new Quarantine();

    @Test
    void tasksRunBesideEachOtherUntilWorkersHaveDiedOverThemTwice() throws Exception {
        try (Quarantine.Stay first = enter(1);
                Quarantine.Stay second = enter(2)) {
            assertThat(first).isNotNull();
            assertThat(second).isNotNull();
        }
        assertThat(Quarantine.isSuspect(2)).isFalse();
        assertThat(Quarantine.isSuspect(3)).isTrue();
    }

    @Test
    void whileASuspectRunsNoOtherIsLetIn() throws Exception {
        try (Quarantine.Stay suspect = enter(3)) {
            assertThat(suspect).isNotNull();
            assertThat(enter(1)).isNull();
            assertThat(enter(4)).isNull();
            assertThat(quarantine.awaitOpen(Duration.ofMillis(1))).isFalse();
        }
        assertThat(quarantine.awaitOpen(Duration.ofMillis(1))).isTrue();
        assertThat(enter(1)).isNotNull();
    }

    @Test
    void aSuspectWaitsForThoseThatRunAndKeepsOthersOutMeanwhile() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        CompletableFuture<Quarantine.Stay> suspect;
        try (Quarantine.Stay running = enter(1)) {
            assertThat(running).isNotNull();
            suspect =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return quarantine.enter(
                                            3,
                                            () -> {
                                                waits.countDown();
                                                return false;
                                            });
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                            });
            waits.await();
            assertThat(enter(1)).isNull();
            assertThat(suspect).isNotDone();
        }
        try (Quarantine.Stay stay = suspect.join()) {
            assertThat(stay).isNotNull();
        }
    }

    @Test
    void aSuspectThatIsToStopWaitingOpensAgain() throws Exception {
        try (Quarantine.Stay running = enter(1)) {
            assertThat(running).isNotNull();
            assertThat(quarantine.enter(3, () -> true)).isNull();
            try (Quarantine.Stay another = enter(1)) {
                assertThat(another).isNotNull();
            }
        }
    }

    private Quarantine.Stay enter(int attempt) throws InterruptedException {
        return quarantine.enter(attempt, () -> false);
    }
}
