package io.pix2pix.translation;

/** How whoever runs a task follows it and stops it. Called from several threads. */
public interface TaskControl {
    /**
     * Asked before each image and each batch; true ends the task with a {@link
     * TaskStoppedException}. Must be quick.
     */
    boolean stopRequested();

    /**
     * Images were finished.
     *
     * @param done how many of the task's images have an outcome by now; calls may overtake each
     *     other
     */
    void progress(int done);

    /**
     * The device computed for the task.
     *
     * @param nanos for how long in this attempt so far, ns
     */
    default void deviceTime(long nanos) {}
}
