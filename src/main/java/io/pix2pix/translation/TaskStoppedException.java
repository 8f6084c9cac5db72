package io.pix2pix.translation;

/**
 * The work ended early because it was asked to. Nothing is wrong and nothing is lost: what was
 * written stays and is found again by whoever does the task next.
 */
public final class TaskStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int done;

    TaskStoppedException(String what, int done) {
        super("Stopped " + what + " as asked");
        this.done = done;
    }

    /** How many images (or shards of a plan) were finished. */
    public int done() {
        return done;
    }
}
