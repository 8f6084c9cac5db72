package io.pix2pix.translation;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Adds up the time of steps. Safe for use by many threads. */
final class StepClock {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Map<Step, LongAdder> wall = new EnumMap<>(Step.class);
    private final Map<Step, LongAdder> cpu = new EnumMap<>(Step.class);

    StepClock() {
        for (Step step : Step.values()) {
            wall.put(step, new LongAdder());
            cpu.put(step, new LongAdder());
        }
    }

    /** Runs the work on this thread and counts its time, also when it fails. */
    <T extends @Nullable Object> T time(Step step, Supplier<T> work) {
        long wallStart = System.nanoTime();
        long cpuStart = THREADS.getCurrentThreadCpuTime();
        try {
            return work.get();
        } finally {
            long elapsed = System.nanoTime() - wallStart;
            adder(wall, step).add(elapsed);
            TranslationMetrics.step(step, elapsed);
            adder(cpu, step).add(THREADS.getCurrentThreadCpuTime() - cpuStart);
        }
    }

    /** Runs the work on this thread and counts its time. */
    void time(Step step, Runnable work) {
        this.<@Nullable Void>time(
                step,
                () -> {
                    work.run();
                    return null;
                });
    }

    StepTimes times() {
        return new StepTimes(sums(wall), sums(cpu));
    }

    private static LongAdder adder(Map<Step, LongAdder> adders, Step step) {
        return Objects.requireNonNull(adders.get(step));
    }

    private static Map<Step, Long> sums(Map<Step, LongAdder> adders) {
        Map<Step, Long> sums = new EnumMap<>(Step.class);
        adders.forEach((step, adder) -> sums.put(step, adder.sum()));
        return sums;
    }
}
