package io.pix2pix.tracking;

import io.micrometer.core.instrument.Counter;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.telemetry.Meters;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a tracker tells of its jobs. Each partition's thread leaves its figures here about every
 * second; whoever asks for the metrics reads them from another thread.
 */
final class TrackerMetrics {
    private static final String KIND = "kind";
    private static final String STATE = "state";

    /** Of one kind of jobs in one partition. */
    static final class Figures {
        final Map<State, Integer> jobs = new EnumMap<>(State.class);
        long backlog;
        long pending;
        long running;
        Duration oldest = Duration.ZERO;

        /**
         * @param window tasks of one job that are out at a time, at most
         */
        static Figures of(Collection<? extends TrackedJob> unfinished, int window, Instant now) {
            Figures figures = new Figures();
            unfinished.forEach(job -> figures.add(job, window, now));
            return figures;
        }

        private void add(TrackedJob job, int window, Instant now) {
            jobs.merge(job.state, 1, Integer::sum);
            Tally tally = job.tally();
            running += tally.running();
            if (job.state == State.RUNNING) {
                backlog += Math.min(tally.left(), window);
                pending += Math.max(0, tally.left() - tally.running());
                Instant since = tally.waitingSince();
                Duration age = since == null ? Duration.ZERO : Duration.between(since, now);
                oldest = age.compareTo(oldest) > 0 ? age : oldest;
            }
        }
    }

    private record Part(Object partition, Kind kind) {}

    private final BooleanSupplier isRunning;
    private final Map<Part, Figures> parts = new ConcurrentHashMap<>();

    /**
     * @param isRunning whether the tracker has its state
     */
    TrackerMetrics(BooleanSupplier isRunning) {
        this.isRunning = isRunning;
        Meters.gauge(
                "pix2pix.tracker.running",
                null,
                "1 when this process' tracker has its state and folds events",
                this,
                metrics -> metrics.isRunning.getAsBoolean() ? 1 : 0);
        for (Kind kind : Kind.values()) {
            for (State state : State.values()) {
                if (state.isTerminal()) {
                    var unused = ended(kind, state);
                } else if (state != State.UNKNOWN) {
                    sum(
                            "pix2pix.jobs",
                            null,
                            "Jobs that have not ended",
                            kind,
                            figures -> figures.jobs.getOrDefault(state, 0),
                            KIND,
                            label(kind),
                            STATE,
                            label(state));
                }
            }
            String[] tags = {KIND, label(kind)};
            sum("pix2pix.backlog", "tasks", "What autoscaling sees", kind, f -> f.backlog, tags);
            sum("pix2pix.tasks.pending", null, "Tasks to begin", kind, f -> f.pending, tags);
            sum("pix2pix.tasks.running", null, "Tasks begun", kind, f -> f.running, tags);
            Meters.gauge(
                    "pix2pix.oldest.pending.task.age",
                    "seconds",
                    "How long the task that has waited longest is in the queue, unbegun",
                    this,
                    metrics ->
                            metrics.of(kind)
                                    .mapToDouble(f -> f.oldest.toMillis() / 1000.0)
                                    .max()
                                    .orElse(0),
                    tags);
        }
    }

    private void sum(
            String name,
            @Nullable String unit,
            String description,
            Kind kind,
            ToDoubleFunction<Figures> figure,
            String... tags) {
        Meters.gauge(name, unit, description, this, metrics -> metrics.sum(kind, figure), tags);
    }

    /** Over all partitions that are told of here. */
    double sum(Kind kind, ToDoubleFunction<Figures> figure) {
        return of(kind).mapToDouble(figure).sum();
    }

    private Stream<Figures> of(Kind kind) {
        return parts.entrySet().stream()
                .filter(part -> part.getKey().kind() == kind)
                .map(Map.Entry::getValue);
    }

    /** A partition's figures as they are now. */
    void tell(Object partition, Kind kind, Figures figures) {
        parts.put(new Part(partition, kind), figures);
    }

    /** Another tracker tells of the partition from now on. */
    void forget(Object partition) {
        parts.keySet().removeIf(part -> part.partition().equals(partition));
    }

    /** A job ended. */
    static void jobEnded(Kind kind, State state) {
        ended(kind, state).increment();
    }

    private static Counter ended(Kind kind, State state) {
        return Meters.counter(
                "pix2pix.jobs.ended",
                "Jobs that have ended",
                KIND,
                label(kind),
                STATE,
                label(state));
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
