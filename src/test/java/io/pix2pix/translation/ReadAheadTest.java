package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReadAheadTest {
    private static final int MOST = 4;

    @Test
    void readsSeveralAtATimeAndGivesThemOutInOrder() throws Exception {
        CyclicBarrier together = new CyclicBarrier(MOST);
        List<Integer> taken = new ArrayList<>();
        try (ReadAhead<Integer> numbers = ahead(20, i -> meet(together, i))) {
            while (numbers.hasNext()) {
                taken.add(numbers.next());
            }
        }
        assertThat(taken).isEqualTo(IntStream.range(0, 20).boxed().toList());
    }

    @Test
    void readsNoFurtherAheadThanAllowed() throws Exception {
        AtomicInteger taken = new AtomicInteger();
        List<String> tooFar = new CopyOnWriteArrayList<>();
        IntFunction<Integer> read =
                i -> {
                    if (i >= taken.get() + MOST) {
                        tooFar.add("%d when %d were taken".formatted(i, taken.get()));
                    }
                    return i;
                };
        try (ReadAhead<Integer> numbers = ahead(1000, read)) {
            while (numbers.hasNext()) {
                numbers.next();
                taken.incrementAndGet();
            }
        }
        assertThat(taken).hasValue(1000);
        assertThat(tooFar).isEmpty();
    }

    @Test
    void throwsInItsPlaceWhatAReadingThrew() throws Exception {
        IllegalStateException third = new IllegalStateException("the third");
        try (ReadAhead<Integer> numbers =
                ahead(
                        5,
                        i -> {
                            if (i == 2) {
                                throw third;
                            }
                            return i;
                        })) {
            assertThat(numbers.next()).isZero();
            assertThat(numbers.next()).isEqualTo(1);
            assertThatThrownBy(numbers::next).isSameAs(third);
        }
    }

    @Test
    void stopsWhatIsUnderWayWhenItIsClosed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        ReadAhead<Integer> numbers =
                ahead(
                        2,
                        i -> {
                            if (i == 1) {
                                begun.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                } catch (InterruptedException e) {
                                    stopped.countDown();
                                }
                            }
                            return i;
                        });
        numbers.next();
        begun.await();
        numbers.close();
        assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static ReadAhead<Integer> ahead(int count, IntFunction<Integer> read) {
        return new ReadAhead<>("test", IntStream.range(0, count).iterator(), MOST, read);
    }

    /** One after the other they would wait for each other for ever. */
    private static int meet(CyclicBarrier together, int number) {
        try {
            together.await(20, TimeUnit.SECONDS);
            return number;
        } catch (Exception e) {
            throw new AssertionError("The others do not come", e);
        }
    }
}
