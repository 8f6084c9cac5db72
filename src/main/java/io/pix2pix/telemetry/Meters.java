package io.pix2pix.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes the application's meters: what is measured where is in the classes named {@code …Metrics},
 * all of it in docs/metrics.md.
 *
 * <p>They are the process' own, found by its registry whenever that comes; without one, as on the
 * command line, they count nothing. The same name and tags give the same meter. Tags come in pairs:
 * name, value; a value must be one of few, never a job.
 */
public final class Meters {
    private static final MeterRegistry REGISTRY = Metrics.globalRegistry;

    /** From a step of a millisecond to a task of minutes. */
    private static final Duration[] TIMES = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15)
    };

    private static final double[] COUNTS = {1, 2, 4, 8, 16, 32, 64, 128};

    private Meters() {}

    public static Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(REGISTRY);
    }

    /**
     * Takes the time in which a device computed, ns; its rate is a share of the time. The series is
     * there from now on.
     *
     * @param device such as {@code gpu0}
     * @param work {@code translation} or {@code training}
     */
    public static LongConsumer deviceBusy(String device, String work) {
        Counter busy =
                Counter.builder("pix2pix.device.busy")
                        .description("Time in which the device computed")
                        .baseUnit("seconds")
                        .tags("device", device, "work", work)
                        .register(REGISTRY);
        return nanos -> busy.increment(nanos / 1e9);
    }

    /** How often and how long. */
    public static Timer timer(String name, String description, String... tags) {
        return Timer.builder(name).description(description).tags(tags).register(REGISTRY);
    }

    /** A timer whose quantiles can be asked for, also over many processes. */
    public static Timer times(String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(TIMES)
                .register(REGISTRY);
    }

    /** Small numbers and how often each came. */
    public static DistributionSummary counts(
            String name, String unit, String description, String... tags) {
        return DistributionSummary.builder(name)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .serviceLevelObjectives(COUNTS)
                .register(REGISTRY);
    }

    /**
     * What {@code value} says whenever somebody looks.
     *
     * @param owner not kept alive by this; when it is gone, the gauge is NaN
     * @param unit null for a plain number
     */
    public static <T> void gauge(
            String name,
            @Nullable String unit,
            String description,
            T owner,
            ToDoubleFunction<T> value,
            String... tags) {
        Gauge.builder(name, owner, value)
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(REGISTRY);
    }
}
