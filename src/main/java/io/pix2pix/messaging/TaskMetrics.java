package io.pix2pix.messaging;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.pix2pix.telemetry.Meters;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of the records of one queue; shared by all its members in this process. */
final class TaskMetrics {
    private static final int MAX_ATTEMPT = 10;
    private static final Map<Topic, TaskMetrics> ALL = new EnumMap<>(Topic.class);

    private final String kind;
    private final Timer duration;
    private final AtomicInteger active = new AtomicInteger();

    private TaskMetrics(String kind) {
        this.kind = kind;
        this.duration =
                Meters.times("pix2pix.task", "How long an attempt at a task took", "kind", kind);
        Meters.gauge(
                "pix2pix.tasks.active",
                null,
                "Tasks this process is at",
                active,
                AtomicInteger::get,
                "kind",
                kind);
    }

    static TaskMetrics of(Topic queue) {
        synchronized (ALL) {
            return ALL.computeIfAbsent(queue, q -> new TaskMetrics(kind(q)));
        }
    }

    private static String kind(Topic queue) {
        return switch (queue) {
            case TRANSLATION_TASKS -> "translation";
            case TRAINING_TASKS -> "training";
            case TRANSLATION_JOBS -> "translation-plan";
            case TRAINING_JOBS -> "training-plan";
            case REPORT_TASKS -> "report";
            case JOB_COMMANDS -> "command";
            case S3_EVENTS -> "s3-event";
            case TASK_EVENTS, TRANSLATION_RESULTS, TRAINING_EVENTS, JOB_STATUS, DEAD_LETTERS ->
                    throw new IllegalArgumentException(queue + " is no queue");
        };
    }

    /** The queue's kind of work. */
    String kind() {
        return kind;
    }

    void began() {
        active.incrementAndGet();
    }

    void ended(TaskOutcome outcome, int attempt, long nanos) {
        active.decrementAndGet();
        duration.record(nanos, TimeUnit.NANOSECONDS);
        Meters.counter(
                        "pix2pix.tasks",
                        "Attempts at tasks that ended here",
                        "kind",
                        kind,
                        "outcome",
                        outcome.label(),
                        "attempt",
                        attempt > MAX_ATTEMPT ? "more" : Integer.toString(attempt))
                .increment();
    }

    /** Something was put away. */
    static void deadLetter(String code) {
        deadLetters(code).increment();
    }

    /** Shows that nothing was put away yet. */
    static void expectDeadLetters() {
        var unused = deadLetters("ATTEMPTS_EXHAUSTED");
    }

    private static Counter deadLetters(String code) {
        return Meters.counter(
                "pix2pix.dead.letters", "Records put away, by the failure's code", "code", code);
    }
}
