package io.pix2pix.messaging;

import io.pix2pix.telemetry.Subject;
import io.pix2pix.telemetry.Traces;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * One record of a queue on its way through a handler. The queue's thread keeps its lock renewed;
 * the handler's thread looks at {@link #isLost} and {@link #isDraining} between units of work.
 */
public final class Delivery {
    /** A header of records that are sent over again: the attempt that this one begins with. */
    public static final String ATTEMPT = "pix2pix_attempt";

    private final ConsumerRecord<String, byte[]> record;

    /** Counted down when the record is lost or the process drains. */
    private final CountDownLatch ending = new CountDownLatch(1);

    private volatile TaskOutcome outcome = TaskOutcome.COMPLETED;
    private volatile int attempt = 1;
    private volatile @Nullable Subject subject;
    private volatile boolean lost;
    private volatile boolean draining;
    private volatile Runnable onTick = () -> {};
    private volatile BooleanSupplier stopAsked = () -> false;

    // Guarded by this.
    private @Nullable Thread handler;
    private boolean overdue;
    private boolean interrupted;

    Delivery(ConsumerRecord<String, byte[]> record) {
        this.record = record;
    }

    public ConsumerRecord<String, byte[]> record() {
        return record;
    }

    /** The record's value; empty when it has none. */
    public byte[] value() {
        byte[] value = record.value();
        return value == null ? new byte[0] : value;
    }

    /** What the record says of the trace that it belongs to; null when it does not. */
    @Nullable String trace() {
        return CloudEvents.text(record.headers(), Traces.HEADER);
    }

    /** How often the broker has handed this record out, this time included. */
    public int count() {
        return record.deliveryCount().map(Short::intValue).orElse(1);
    }

    /** Which attempt at the record's work this is, all records of it taken together, from 1. */
    public int attempt() {
        Header header = record.headers().lastHeader(ATTEMPT);
        int first = 1;
        try {
            first =
                    header == null
                            ? 1
                            : Integer.parseInt(new String(header.value(), StandardCharsets.UTF_8));
        } catch (NumberFormatException e) {
            // Somebody else's header; the record counts as a first one.
        }
        return Math.max(1, first) + count() - 1;
    }

    /**
     * What the record turned out to ask for: so the log and the metrics name it from now on. To be
     * called on the handler's thread.
     *
     * @param task see {@link Subject}
     * @param attempt which one at this task, from 1
     */
    void about(String jobId, String task, int attempt) {
        Subject named = new Subject(jobId, task);
        this.subject = named;
        this.attempt = attempt;
        named.enter();
    }

    /** How it ended, for the metrics; completed where nobody says. */
    void ends(TaskOutcome how) {
        outcome = how;
    }

    /** How it ended, as far as is known. */
    TaskOutcome outcome() {
        return lost ? TaskOutcome.LOST : outcome;
    }

    /** Lines that the calling thread logs name the task, as far as it is known. */
    void nameThread() {
        Subject known = subject;
        if (known != null) {
            known.enter();
        }
    }

    /** Tells how it ended. */
    void tell(TaskMetrics metrics, Traces.Work work, long nanos) {
        TaskOutcome ended = outcome();
        metrics.ended(ended, attempt, nanos);
        work.with("pix2pix.outcome", ended.label()).with("pix2pix.attempt", attempt);
        Subject known = subject;
        if (known != null) {
            work.with("pix2pix.job.id", known.jobId()).with("pix2pix.task", known.task());
        }
        if (ended.isFailure()) {
            work.failed(ended.label());
        }
    }

    /** The lock is gone: another worker may have the record, so stop at once and report nothing. */
    public boolean isLost() {
        return lost;
    }

    /** The process is asked to stop: finish soon or hand back. */
    public boolean isDraining() {
        return draining;
    }

    /**
     * Waits so long, on the handler's thread; no longer than until the record is lost, the process
     * drains or the thread is interrupted.
     *
     * @return whether to go on
     */
    boolean rest(Duration time) {
        try {
            return !ending.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What to run on the queue's thread about every second while the handler works. */
    public void onTick(Runnable action) {
        onTick = action;
    }

    /**
     * When the handler is to stop. If it goes on for another second or two, it waits for something
     * that may never come, and its thread is interrupted.
     */
    public void interruptWhen(BooleanSupplier asked) {
        stopAsked = asked;
    }

    void tick() {
        onTick.run();
    }

    /** The handler begins, on the calling thread. */
    synchronized void began() {
        handler = Thread.currentThread();
    }

    /** The handler is done and must not be interrupted any more. */
    synchronized void ended() {
        handler = null;
        Thread.interrupted();
    }

    /** Interrupts the handler, once, when it was asked to stop by the last call already. */
    synchronized void interruptIfOverdue() {
        boolean asked = stopAsked.getAsBoolean();
        if (asked && overdue && handler != null && !interrupted) {
            handler.interrupt();
            interrupted = true;
        }
        overdue = asked;
    }

    void lose() {
        lost = true;
        ending.countDown();
    }

    void drain() {
        draining = true;
        ending.countDown();
    }

    /** For messages. */
    static String where(ConsumerRecord<?, ?> record) {
        return record.topic() + "/" + record.partition() + "/" + record.offset();
    }
}
