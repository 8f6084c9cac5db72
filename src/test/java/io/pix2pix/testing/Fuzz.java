package io.pix2pix.testing;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives a reader many damaged inputs and watches three things: that it throws nothing but what it
 * declares, what it allocates for each input, and that it comes back.
 *
 * <p>Input n of seed s is always the same. {@code -Dpix2pix.fuzz.inputs} says how many (default
 * 100,000), {@code -Dpix2pix.fuzz.seed} which (default 1), {@code -Dpix2pix.fuzz.only} replays one
 * number alone. An input that a reader fails at lies in {@code target/fuzz} afterwards.
 *
 * <p>What a reader allocates is what the virtual machine counts for its thread: all objects, also
 * those that were garbage at once. Memory of native libraries is not in it.
 */
public final class Fuzz {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MAX_FAILURES = 8;
    private static final int WARM_UP = 200;

    private final String name;
    private final Predicate<Throwable> declared;
    private final Function<Throwable, String> kind;
    private long factor = 16;
    private long plus = 4 << 20;
    private long inputs = Long.getLong("pix2pix.fuzz.inputs", 100_000);
    private Duration deadline = Duration.ofSeconds(30);

    private Set<String> expected = Set.of();

    private final Map<String, String> failures = new LinkedHashMap<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private volatile long number = -1;
    private volatile long since;
    private volatile @Nullable Throwable broken;
    private long mostAllocated;
    private long longestNanos;

    /** What is tried. */
    public interface Reader {
        void read(byte[] input) throws Exception;
    }

    /** Makes an input of random numbers. */
    public interface Source {
        byte[] next(Random random);
    }

    private Fuzz(String name, Predicate<Throwable> declared, Function<Throwable, String> kind) {
        this.name = name;
        this.declared = declared;
        this.kind = kind;
    }

    /**
     * @param name of the reader, for messages and files
     * @param declared what it may throw
     * @param kind a word for it, to be counted
     */
    public static Fuzz of(
            String name, Predicate<Throwable> declared, Function<Throwable, String> kind) {
        return new Fuzz(name, declared, kind);
    }

    /** The most that may be allocated for an input: {@code factor} times its length, and more. */
    public Fuzz allocating(long factor, long plus) {
        this.factor = factor;
        this.plus = plus;
        return this;
    }

    /**
     * Ways in which some of the inputs must end, or they try nothing; not where one is replayed.
     */
    public Fuzz expecting(String... outcomes) {
        expected = Set.of(outcomes);
        return this;
    }

    /** How many inputs, whatever the property says. */
    public Fuzz inputs(long count) {
        inputs = count;
        return this;
    }

    /** After this an input counts as hanging. */
    Fuzz deadline(Duration time) {
        deadline = time;
        return this;
    }

    /**
     * Tries all inputs.
     *
     * @throws AssertionError naming the inputs that the reader failed at and how to replay them
     */
    public void run(Source source, Reader reader) throws InterruptedException {
        long seed = Long.getLong("pix2pix.fuzz.seed", 1);
        Long only = Long.getLong("pix2pix.fuzz.only");
        Thread worker =
                new Thread(
                        () -> {
                            try {
                                if (only != null) {
                                    tryOne(seed, only, source, reader);
                                } else {
                                    tryAll(seed, source, reader);
                                }
                            } catch (RuntimeException | Error e) {
                                broken = e;
                            }
                        },
                        "fuzz-" + name);
        worker.setDaemon(true);
        since = System.nanoTime();
        long start = since;
        worker.start();
        while (worker.isAlive()) {
            worker.join(200);
            if (worker.isAlive() && System.nanoTime() - since > deadline.toNanos()) {
                throw hanging(seed, worker, source);
            }
        }
        if (broken != null) {
            throw new AssertionError(
                    "%s: no input could be made after number %d of seed %d"
                            .formatted(name, number, seed),
                    broken);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%s: seed %d, %d inputs in %.1f s, %s; at most %d kB allocated, %d ms%n",
                name,
                seed,
                number + 1,
                seconds,
                outcomes,
                mostAllocated >> 10,
                longestNanos / 1_000_000);
        if (!failures.isEmpty()) {
            throw new AssertionError(
                    "%s failed:%n%s"
                            .formatted(
                                    name, String.join(System.lineSeparator(), failures.values())));
        }
        if (only == null) {
            requireExpected();
        }
    }

    private void requireExpected() {
        for (String outcome : expected) {
            if (count(outcome) == 0) {
                throw new AssertionError(
                        "%s: of %d inputs none ended in %s: %s"
                                .formatted(name, number + 1, outcome, outcomes));
            }
        }
    }

    /** How many inputs ended so: {@code ok}, or the word for what was thrown. */
    public int count(String outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    private void tryAll(long seed, Source source, Reader reader) {
        warmUp(seed, source, reader);
        for (long n = 0; n < inputs && failures.size() < MAX_FAILURES; n++) {
            tryOne(seed, n, source, reader);
        }
    }

    /** What classes take when they are loaded is not what an input takes. */
    private void warmUp(long seed, Source source, Reader reader) {
        for (long n = 0; n < Math.min(inputs, WARM_UP); n++) {
            byte[] input = input(seed, n, source);
            since = System.nanoTime();
            number = n;
            try {
                reader.read(input);
            } catch (Throwable e) {
                // It is tried again.
            }
        }
    }

    private void tryOne(long seed, long n, Source source, Reader reader) {
        byte[] input = input(seed, n, source);
        Throwable thrown = null;
        since = System.nanoTime();
        number = n;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            reader.read(input);
        } catch (Throwable e) {
            thrown = e;
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        longestNanos = Math.max(longestNanos, System.nanoTime() - since);
        mostAllocated = Math.max(mostAllocated, allocated);
        long limit = factor * input.length + plus;
        if (thrown != null && !declared.test(thrown)) {
            fail(
                    "threw " + thrown.getClass().getName() + frame(thrown),
                    "threw what it does not declare: " + text(thrown),
                    seed,
                    n,
                    input);
        } else if (allocated > limit) {
            fail(
                    "allocated",
                    "allocated %d bytes, at most %d are allowed for %d%s"
                            .formatted(
                                    allocated,
                                    limit,
                                    input.length,
                                    thrown == null ? "" : ", and threw " + text(thrown)),
                    seed,
                    n,
                    input);
        }
        outcomes.merge(thrown == null ? "ok" : kind.apply(thrown), 1, Integer::sum);
    }

    private static byte[] input(long seed, long n, Source source) {
        // Neighbouring seeds of Random begin alike; a multiplication keeps them apart.
        return source.next(new Random((seed * 0x9E3779B97F4A7C15L) ^ (n * 0xD1342543DE82EF95L)));
    }

    /** Keeps the first input of each kind of failure. */
    private void fail(String kind, String what, long seed, long n, byte[] input) {
        failures.computeIfAbsent(kind, k -> describe(what, seed, n, input));
    }

    private String describe(String what, long seed, long n, byte[] input) {
        return "Input %d of seed %d (%d bytes, kept as %s; replay it with -Dpix2pix.fuzz.seed=%d -Dpix2pix.fuzz.only=%d) %s"
                .formatted(n, seed, input.length, keep(seed, n, input), seed, n, what);
    }

    private AssertionError hanging(long seed, Thread worker, Source source) {
        String stack =
                Arrays.stream(worker.getStackTrace())
                        .map(frame -> "    at " + frame)
                        .collect(Collectors.joining(System.lineSeparator()));
        long n = number;
        return new AssertionError(
                describe(
                        "did not come back within %s:%n%s".formatted(deadline, stack),
                        seed,
                        n,
                        input(seed, n, source)));
    }

    private Path keep(long seed, long n, byte[] input) {
        Path file =
                Path.of(
                        "target",
                        "fuzz",
                        "%s-%d-%d.bin".formatted(name.replace(' ', '-'), seed, n));
        try {
            Files.createDirectories(file.getParent());
            return Files.write(file, input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String frame(Throwable thrown) {
        StackTraceElement[] frames = thrown.getStackTrace();
        return frames.length == 0 ? "" : " at " + frames[0];
    }

    private static String text(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "nothing";
        }
        String frames =
                Stream.of(thrown.getStackTrace())
                        .limit(12)
                        .map(frame -> "%n    at %s".formatted(frame))
                        .collect(Collectors.joining());
        String message = String.valueOf(thrown);
        return (message.length() <= 500 ? message : message.substring(0, 500) + "...") + frames;
    }
}
