package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.image.Pixels;
import io.pix2pix.translation.Batcher.Ticket;
import io.pix2pix.translation.Batcher.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private final List<List<Waiting>> device = new ArrayList<>();
    private final Batcher batcher = new Batcher(shape -> 3, device::add);

    @Test
    void aFullBatchGoesOutAtOnce() {
        List<Ticket> tickets = expect(5);

        arrive(tickets.subList(0, 3), 8);

        assertThat(sizes()).containsExactly(3);
    }

    @Test
    void aPartialBatchWaitsWhileImagesAreOnTheirWay() {
        List<Ticket> tickets = expect(3);

        arrive(tickets.subList(0, 2), 8);
        assertThat(sizes()).isEmpty();

        tickets.get(2).giveUp();
        assertThat(sizes()).containsExactly(2);
    }

    @Test
    void aPartialBatchWaitsWhileTheDeviceIsBusyWithOurs() {
        List<Ticket> tickets = expect(5);
        arrive(tickets, 8);
        assertThat(sizes()).containsExactly(3);

        batcher.batchDone();

        assertThat(sizes()).containsExactly(3, 2);
    }

    @Test
    void theLastPartialBatchDoesNotWait() {
        List<Ticket> tickets = expect(5);
        arrive(tickets, 8);

        batcher.complete();

        assertThat(sizes()).containsExactly(3, 2);
    }

    @Test
    void imagesOfManyShapesGoOutWhenNoneCanCompleteABatch() {
        List<Ticket> tickets = expect(4);
        arrive(tickets.subList(0, 1), 8);
        arrive(tickets.subList(1, 2), 9);
        arrive(tickets.subList(2, 3), 10);
        assertThat(sizes()).isEmpty();

        arrive(tickets.subList(3, 4), 8);

        assertThat(sizes()).containsExactly(2, 1, 1);
        assertThat(device)
                .allSatisfy(
                        batch ->
                                assertThat(batch.stream().map(w -> w.image().width()).distinct())
                                        .hasSize(1));
    }

    @Test
    void givingUpAfterArrivingChangesNothing() {
        List<Ticket> tickets = expect(2);
        arrive(tickets.subList(0, 1), 8);

        tickets.get(0).giveUp();
        tickets.get(0).giveUp();

        assertThat(sizes()).isEmpty();
    }

    private List<Ticket> expect(int images) {
        return IntStream.range(0, images).mapToObj(i -> batcher.expect()).toList();
    }

    private static void arrive(List<Ticket> tickets, int width) {
        for (Ticket ticket : tickets) {
            Pixels image = Pixels.of8(width, 2, 1, new byte[width * 2]);
            assertThat(ticket.arrive(image)).isNotDone();
        }
    }

    private List<Integer> sizes() {
        return device.stream().map(List::size).toList();
    }
}
