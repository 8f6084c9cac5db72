package io.pix2pix.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntSupplier;

/**
 * What a piece of work leaves behind, each time that it is done.
 *
 * <p>A leak leaves something every time; a just-in-time compiler, a buffer that finds its size or a
 * new thread does so now and then. So the work is done in rounds, and the median round counts.
 *
 * @param name of the work
 * @param arrays native arrays alive at the end, less those alive before
 * @param bytes of resident memory that the work took each time, in the median round
 */
public record Growth(String name, int arrays, double bytes) {
    private static final int ROUNDS = 5;
    private static final Path STATUS = Path.of("/proc/self/status");

    /** Some work. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /**
     * Does the work {@code warmUp + 5 * times} times.
     *
     * @param warmUp until the virtual machine has compiled what it will
     * @param arrays counts native arrays that are alive
     */
    public static Growth of(String name, int warmUp, int times, IntSupplier arrays, Work work)
            throws Exception {
        repeat(warmUp, work);
        int before = arrays.getAsInt();
        long[] grown = new long[ROUNDS];
        long resident = resident();
        for (int round = 0; round < ROUNDS; round++) {
            repeat(times, work);
            long now = resident();
            grown[round] = now - resident;
            resident = now;
        }
        Arrays.sort(grown);
        return new Growth(name, arrays.getAsInt() - before, (double) grown[ROUNDS / 2] / times);
    }

    private static void repeat(int times, Work work) throws Exception {
        for (int i = 0; i < times; i++) {
            work.run();
        }
        // What the collector frees, such as direct buffers, does not count.
        System.gc();
    }

    /** This process's resident memory, bytes. */
    public static long resident() throws IOException {
        String line =
                Files.readAllLines(STATUS).stream()
                        .filter(l -> l.startsWith("VmRSS:"))
                        .findFirst()
                        .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }

    /** One line, for {@link #parse}. */
    public String print() {
        return String.format(Locale.ROOT, "growth %s %d %.1f", name, arrays, bytes);
    }

    /** Whether {@link #print} made the line. */
    public static boolean isPrinted(String line) {
        return line.startsWith("growth ");
    }

    public static Growth parse(String line) {
        String[] words = line.split(" ", -1);
        return new Growth(words[1], Integer.parseInt(words[2]), Double.parseDouble(words[3]));
    }
}
