package io.pix2pix.messaging;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * One record of a queue on its way through a handler. The queue's thread keeps its lock renewed;
 * the handler's thread looks at {@link #isLost} and {@link #isDraining} between units of work.
 */
public final class Delivery {
    private final ConsumerRecord<String, byte[]> record;
    private volatile boolean lost;
    private volatile boolean draining;
    private volatile Runnable onTick = () -> {};

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

    /** How often the broker has handed this record out, this time included. */
    public int count() {
        return record.deliveryCount().map(Short::intValue).orElse(1);
    }

    /** The lock is gone: another worker may have the record, so stop at once and report nothing. */
    public boolean isLost() {
        return lost;
    }

    /** The process is asked to stop: finish soon or hand back. */
    public boolean isDraining() {
        return draining;
    }

    /** What to run on the queue's thread every two seconds while the handler works. */
    public void onTick(Runnable action) {
        onTick = action;
    }

    void tick() {
        onTick.run();
    }

    void lose() {
        lost = true;
    }

    void drain() {
        draining = true;
    }
}
