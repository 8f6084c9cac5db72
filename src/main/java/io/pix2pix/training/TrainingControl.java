package io.pix2pix.training;

import io.pix2pix.event.TrainingEvent;

/**
 * How whoever runs a slice follows it and stops it. Called from the training thread and, for
 * checkpoints, from the one that writes them.
 */
public interface TrainingControl {
    /** What is to become of the slice. */
    enum Wish {
        GO_ON,
        /** Write a checkpoint after the present step and end: a pause, or the worker has to go. */
        HAND_BACK,
        /**
         * End after the present step and write nothing: cancelled, or another worker has the job.
         */
        STOP
    }

    /** Asked before each step; must be quick. */
    Wish wish();

    /** Whether another training job has no device; asked at checkpoints. */
    boolean othersWait();

    /**
     * A step was finished.
     *
     * @param epoch epochs finished
     * @param step steps since the job's beginning
     */
    void progress(int epoch, long step);

    /** Something was done that is no step, such as the validation of some pairs. */
    void alive();

    /**
     * Tells what happened; returns when it is sure to be known. May be told again what was told
     * before a crash.
     */
    void tell(TrainingEvent event);
}
