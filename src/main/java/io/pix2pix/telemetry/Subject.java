package io.pix2pix.telemetry;

import java.util.concurrent.Executor;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * What a thread works for. While it does, each line that it logs says so, in the fields {@code
 * jobId} and {@code task} of the JSON format (the log's mapped diagnostic context).
 *
 * @param task which of the job's tasks: a shard's or a slice's number, {@code plan}, {@code report}
 *     or {@code command}
 */
public record Subject(String jobId, String task) {
    private static final String JOB = "jobId";
    private static final String TASK = "task";

    /** The calling thread works for this from now on. */
    public void enter() {
        MDC.put(JOB, jobId);
        MDC.put(TASK, task);
    }

    /** The calling thread works for nothing in particular any more. */
    public static void leave() {
        MDC.remove(JOB);
        MDC.remove(TASK);
    }

    /** What the calling thread works for; null when that is nothing in particular. */
    public static @Nullable Subject current() {
        return MDC.get(JOB) instanceof String job && MDC.get(TASK) instanceof String task
                ? new Subject(job, task)
                : null;
    }

    /** An executor whose threads work for what the calling thread works for now. */
    public static Executor carriedBy(Executor executor) {
        Subject subject = current();
        return subject == null ? executor : work -> executor.execute(subject.around(work));
    }

    /** The work, done for this. */
    public Runnable around(Runnable work) {
        return () -> {
            enter();
            try {
                work.run();
            } finally {
                // Not what was before: a pool's thread inherits what its first task worked for.
                leave();
            }
        };
    }
}
