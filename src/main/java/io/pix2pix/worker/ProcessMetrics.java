package io.pix2pix.worker;

import io.pix2pix.telemetry.Meters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system tells of this process. */
final class ProcessMetrics {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    private ProcessMetrics() {}

    static void register() {
        Meters.gauge(
                "pix2pix.memory.resident",
                "bytes",
                "Physical memory of the whole process, the tensors' included",
                STATUS,
                ProcessMetrics::resident);
    }

    /** NaN where the system does not tell it so. */
    private static double resident(Path status) {
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(RESIDENT)) {
                    String kibibytes = line.substring(RESIDENT.length()).replace("kB", "").strip();
                    return Long.parseLong(kibibytes) * 1024.0;
                }
            }
        } catch (IOException e) {
            return Double.NaN;
        }
        return Double.NaN;
    }
}
