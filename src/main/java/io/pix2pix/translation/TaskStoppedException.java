package io.pix2pix.translation;

/**
 * The work ended early, because it was asked to or has no device any more. Nothing is wrong with it
 * and nothing is lost: what was written stays and is found again by whoever does the task next.
 */
public final class TaskStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int done;

    TaskStoppedException(String what, int done) {
        this(done, "Stopped " + what + " as asked");
    }

    private TaskStoppedException(int done, String message) {
        super(message);
        this.done = done;
    }

    /** Stopped because the device broke over other work. */
    static TaskStoppedException deviceBroken(String device) {
        return new TaskStoppedException(0, "Stopped, since %s is broken".formatted(device));
    }

    /** How many images (or shards of a plan) were finished. */
    public int done() {
        return done;
    }
}
