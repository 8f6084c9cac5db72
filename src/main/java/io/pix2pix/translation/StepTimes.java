package io.pix2pix.translation;

import java.util.EnumMap;
import java.util.Map;

/**
 * Where the time went, summed over images and threads.
 *
 * @param wallNanos elapsed by step, ns: waiting for storage or for a core is in it
 * @param cpuNanos processor time of the steps' own threads, ns; a native library's other threads
 *     are not in it
 */
public record StepTimes(Map<Step, Long> wallNanos, Map<Step, Long> cpuNanos) {
    public static final StepTimes NONE = new StepTimes(Map.of(), Map.of());

    public StepTimes {
        wallNanos = Map.copyOf(wallNanos);
        cpuNanos = Map.copyOf(cpuNanos);
    }

    public StepTimes plus(StepTimes other) {
        return new StepTimes(sum(wallNanos, other.wallNanos), sum(cpuNanos, other.cpuNanos));
    }

    private static Map<Step, Long> sum(Map<Step, Long> a, Map<Step, Long> b) {
        Map<Step, Long> sum = new EnumMap<>(Step.class);
        a.forEach((step, nanos) -> sum.merge(step, nanos, Long::sum));
        b.forEach((step, nanos) -> sum.merge(step, nanos, Long::sum));
        return sum;
    }
}
