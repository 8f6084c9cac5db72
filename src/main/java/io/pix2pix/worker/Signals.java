package io.pix2pix.worker;

import java.util.concurrent.atomic.AtomicBoolean;

/** Ctrl-C and SIGTERM: the first asks for a clean end, the second ends the process at once. */
final class Signals {
    private static final int ENDED_AT_ONCE = 130;

    private Signals() {}

    /** Takes over both signals; {@code onFirst} must return soon. */
    static void handle(Runnable onFirst) {
        AtomicBoolean asked = new AtomicBoolean();
        Runnable handler =
                () -> {
                    if (asked.compareAndSet(false, true)) {
                        onFirst.run();
                    } else {
                        Runtime.getRuntime().halt(ENDED_AT_ONCE);
                    }
                };
        org.jline.utils.Signals.register("TERM", handler);
        org.jline.utils.Signals.register("INT", handler);
    }
}
