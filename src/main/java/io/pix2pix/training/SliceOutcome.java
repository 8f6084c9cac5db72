package io.pix2pix.training;

import org.jspecify.annotations.Nullable;

/**
 * How a slice ended.
 *
 * @param checkpoint prefix of the newest checkpoint; null when there is none
 */
public record SliceOutcome(End end, @Nullable String checkpoint) {
    public enum End {
        /** The job is done and its events are told. */
        COMPLETED,
        /** There is more to do, from the checkpoint on. */
        HANDED_BACK,
        /** Ended as asked; nothing was written. */
        STOPPED
    }
}
