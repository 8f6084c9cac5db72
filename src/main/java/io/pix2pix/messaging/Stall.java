package io.pix2pix.messaging;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import org.jboss.logging.Logger;

/** The last resort for a process whose device or disk hangs. */
final class Stall {
    private static final Logger LOG = Logger.getLogger(Stall.class);

    /** The exit code, so that whoever restarts the process can tell. */
    static final int EXIT_CODE = 70;

    private Stall() {}

    /**
     * Logs every thread's stack and ends the process at once: a hanging native call cannot be
     * interrupted, and the broker gives the task to another worker when this one is gone.
     */
    static void halt(String why) {
        StringBuilder stacks = new StringBuilder(why).append("; halting. Threads:\n");
        for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            stacks.append(thread);
        }
        LOG.fatal(stacks);
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
