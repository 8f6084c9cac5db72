package io.pix2pix.worker;

import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/** Ctrl-C and SIGTERM: the first asks for a clean end, the second ends the process at once. */
final class Signals {
    private static final int ENDED_AT_ONCE = 130;

    private Signals() {}

    /** Takes over both signals; {@code onFirst} must return soon. */
    @SuppressWarnings("sunapi") // The Java platform has no other way to tell a first from a second.
    static void handle(Runnable onFirst) {
        AtomicBoolean asked = new AtomicBoolean();
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(
                    new Signal(name),
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
