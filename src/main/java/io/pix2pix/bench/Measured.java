package io.pix2pix.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What some work on images cost.
 *
 * @param images how many
 * @param wallNanos time on the clock
 * @param coreNanos processor time of all threads of this process, ns
 */
record Measured(int images, long wallNanos, long coreNanos) {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** Work that may fail as it likes. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    static Measured of(int images, Work work) throws Exception {
        long wall = System.nanoTime();
        long core = SYSTEM.getProcessCpuTime();
        work.run();
        return new Measured(images, System.nanoTime() - wall, SYSTEM.getProcessCpuTime() - core);
    }

    double imagesPerSecond() {
        return images * 1e9 / wallNanos;
    }

    double wallMillis() {
        return wallNanos / 1e6 / images;
    }

    double coreMillis() {
        return coreNanos / 1e6 / images;
    }

    static double median(List<Measured> all, ToDoubleFunction<Measured> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    @Override
    public String toString() {
        return Arrays.toString(new double[] {imagesPerSecond(), wallMillis(), coreMillis()});
    }
}
