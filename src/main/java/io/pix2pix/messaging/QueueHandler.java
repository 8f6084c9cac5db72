package io.pix2pix.messaging;

/** Does the work that one record of a queue asks for. */
@FunctionalInterface
public interface QueueHandler {
    /** What becomes of the record. */
    enum Verdict {
        /** Done with it, for good. */
        ACCEPT,
        /** Let it be delivered again; counts as an attempt. */
        RELEASE
    }

    /**
     * Called on a thread of its own while the queue keeps the record's lock renewed.
     *
     * @throws Exception what is thrown is logged and the record is released
     */
    Verdict handle(Delivery delivery) throws Exception;
}
