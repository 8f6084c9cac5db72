package io.pix2pix.worker;

import java.util.concurrent.atomic.AtomicBoolean;

/** Ctrl-C and SIGTERM: the first asks for a clean end, the second ends the process at once. */
final class Signals {
    private static final int ENDED_AT_ONCE = 130;

    private Signals() {}

    // sun.misc.Signal: the Java platform has no other way to tell a first signal from a second.
    /** Takes over both signals; {@code onFirst} must return soon. */
    static void handle(Runnable onFirst) {
        AtomicBoolean asked = new AtomicBoolean();
        for (String name : new String[] {"TERM", "INT"}) {
            sun.misc.Signal.handle(
                    new sun.misc.Signal(name),
                    signal -> {
                        if (asked.compareAndSet(false, true)) {
                            onFirst.run();
                        } else {
                            Runtime.getRuntime().halt(ENDED_AT_ONCE);
                        }
                    });
        }
    }
}
