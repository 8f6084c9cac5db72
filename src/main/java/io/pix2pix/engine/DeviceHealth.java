package io.pix2pix.engine;

import io.pix2pix.failure.FailureException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Whether a device works, by what comes of the batches and steps that it is given.
 *
 * <p>A device that broke fails whatever it is given, and a worker that went on would turn the whole
 * backlog into failures. So after a failure that speaks of the device, a small computation whose
 * result is known is tried on it: if that goes well, the input or the model is at fault; if it
 * fails again and again, the device is. A device that keeps failing different work with nothing
 * done in between is broken too, though it may still do sums. Broken is for good: CUDA recovers
 * from few errors within a process.
 *
 * <p>Safe for use by several threads.
 */
public final class DeviceHealth {
    /** What the device is taken for. */
    public enum State {
        /** It did what it was asked for last. */
        WORKING,
        /** It failed last, and did a small computation right. */
        SUSPECT,
        /** It does nothing right; there is no way back. */
        BROKEN
    }

    /** Whose failure it was. */
    public enum Verdict {
        /** The device works: the failure is that of whoever asked. */
        WORKS,
        /** The device is broken, and this is the work that it broke on, or that broke it. */
        BROKE,
        /** The device was broken before: the failure says nothing of the work. */
        WAS_BROKEN
    }

    /**
     * When a device counts as broken.
     *
     * @param probes small computations that fail one after the other, at least 1
     * @param pause between two of them
     * @param failures batches or steps of different models that fail one after the other, though
     *     the small computation goes well
     */
    public record Limits(int probes, Duration pause, int failures) {
        /** As configured by default. */
        public static final Limits DEFAULT = new Limits(3, Duration.ofSeconds(1), 10);
    }

    private static final Logger LOG = Logger.getLogger(DeviceHealth.class);

    private final String device;
    private final Runnable probe;
    private final Limits limits;
    private final Set<String> failed = new HashSet<>();
    private final Object asking = new Object();
    private volatile State state = State.WORKING;
    private volatile @Nullable String reason;
    private volatile long workedNanos = System.nanoTime();
    private volatile Runnable onBroken = () -> {};
    private int failures;

    /**
     * @param probe does a small computation on the device and throws when its result is wrong or
     *     there is none; called by one thread at a time
     */
    public DeviceHealth(String device, Runnable probe, Limits limits) {
        this.device = device;
        this.probe = probe;
        this.limits = limits;
    }

    /** Of a device that is never asked: for tests and benchmarks. */
    public static DeviceHealth trusting(String device) {
        return new DeviceHealth(device, () -> {}, Limits.DEFAULT);
    }

    /** What to do once when the device is found broken, before anybody else hears of it. */
    public void onBroken(Runnable action) {
        onBroken = action;
    }

    /** The device's name, such as {@code gpu:0}. */
    public String device() {
        return device;
    }

    public State state() {
        return state;
    }

    public boolean isBroken() {
        return state == State.BROKEN;
    }

    /** Why it is suspect or broken. */
    public Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /** The time since it did something right. */
    public Duration sinceWorked() {
        return Duration.ofNanos(System.nanoTime() - workedNanos);
    }

    /** Whether a failure may be the device's own. */
    public static boolean concerns(FailureException e) {
        String code = e.failure().code();
        return e.failure().retriable()
                && (code.equals("DEVICE_FAILED") || code.equals("OUT_OF_MEMORY"));
    }

    /** A batch or a step went well. */
    public void worked() {
        workedNanos = System.nanoTime();
        if (state == State.SUSPECT) {
            synchronized (asking) {
                recover();
            }
        }
    }

    private void recover() {
        if (state != State.BROKEN) {
            state = State.WORKING;
            reason = null;
            failures = 0;
            failed.clear();
        }
    }

    /**
     * A batch or a step failed on the device. Finds out whose fault it is, which takes some seconds
     * when it is the device's.
     *
     * @param work the model or the training that was computed
     * @param e for which {@link #concerns} holds
     */
    public Verdict failed(String work, FailureException e) {
        synchronized (asking) {
            if (isBroken()) {
                return Verdict.WAS_BROKEN;
            }
            failures++;
            failed.add(work);
            String why = "%s failed: %s".formatted(device, e.getMessage());
            reason = why;
            state = State.SUSPECT;
            Optional<String> trouble = probe();
            if (trouble.isPresent()) {
                turnBroken(why + "; a small computation failed too: " + trouble.get());
            } else if (failures >= limits.failures() && failed.size() > 1) {
                turnBroken(
                        "%s, the last of %d failures of %d models in a row"
                                .formatted(why, failures, failed.size()));
            }
            return isBroken() ? Verdict.BROKE : Verdict.WORKS;
        }
    }

    /** Tries the device when it has done nothing for so long; as slow as {@link #failed}. */
    public void check(Duration idle) {
        if (isBroken() || sinceWorked().compareTo(idle) < 0) {
            return;
        }
        synchronized (asking) {
            Optional<String> trouble = isBroken() ? Optional.empty() : probe();
            trouble.ifPresent(
                    t -> turnBroken("%s fails a small computation: %s".formatted(device, t)));
        }
    }

    /** Why every one of the allowed tries failed; empty when one did not. */
    private Optional<String> probe() {
        String trouble = "";
        for (int i = 1; i <= limits.probes(); i++) {
            try {
                probe.run();
                workedNanos = System.nanoTime();
                return Optional.empty();
            } catch (RuntimeException e) {
                trouble = String.valueOf(e.getMessage());
                LOG.warnf(
                        "%s fails a small computation, try %d of %d: %s",
                        device, i, limits.probes(), trouble);
            }
            if (i < limits.probes() && !pause()) {
                // The worker ends; whether the device works is of no interest any more.
                return Optional.empty();
            }
        }
        return Optional.of(trouble);
    }

    private boolean pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(limits.pause().toNanos());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void turnBroken(String why) {
        LOG.errorf("%s is broken: %s", device, why);
        reason = why;
        state = State.BROKEN;
        onBroken.run();
    }
}
