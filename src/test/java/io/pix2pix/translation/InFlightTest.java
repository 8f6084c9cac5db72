package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.translation.InFlight.Place;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InFlightTest {
    private final InFlight inFlight = new InFlight(3, 100);

    @Test
    void boundsTheNumber() {
        Place first = entered(1);
        entered(1);
        entered(1);
        assertThat(tryEnter(1)).isNull();

        first.leave();
        first.leave();

        entered(1);
        assertThat(tryEnter(1)).isNull();
    }

    @Test
    void boundsTheMemoryAndCorrectsGuesses() {
        Place first = entered(10);
        Place second = entered(10);
        second.weighs(95);
        assertThat(tryEnter(1)).isNull();

        second.weighs(20);
        entered(70);

        first.leave();
        first.weighs(1000);
        entered(10);
    }

    @Test
    void anImageHeavierThanTheBoundGoesAlone() {
        Place heavy = entered(1000);
        assertThat(tryEnter(0)).isNull();

        heavy.leave();
        Place light = entered(1);
        assertThat(tryEnter(1000)).isNull();

        light.leave();
        entered(1000);
    }

    @Test
    void whoWaitsEntersWhenThereIsRoom() {
        Place heavy = entered(1000);
        CompletableFuture<@Nullable Place> waiting =
                CompletableFuture.supplyAsync(() -> enter(5, 30_000));

        heavy.leave();

        assertThat(waiting.join()).isNotNull();
    }

    private Place entered(long bytes) {
        return Objects.requireNonNull(tryEnter(bytes));
    }

    private @Nullable Place tryEnter(long bytes) {
        return enter(bytes, 0);
    }

    private @Nullable Place enter(long bytes, long millis) {
        try {
            return inFlight.enter(bytes, millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
