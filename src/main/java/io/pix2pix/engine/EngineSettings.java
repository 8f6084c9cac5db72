package io.pix2pix.engine;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the tensor engine runs in this process.
 *
 * @param device {@code auto} (a GPU if there is one), {@code cpu}, {@code gpu} or {@code gpu:1}
 * @param threads threads that share one forward pass on the CPU; 0: one per core
 * @param natives where the native libraries are unpacked; null: {@code ~/.djl.ai}
 * @param scratch where a model's program is written while it is loaded; null: the system's
 *     temporary folder
 */
public record EngineSettings(
        String device, int threads, @Nullable Path natives, @Nullable Path scratch) {
    /** Device {@code auto}, all cores. */
    public static final EngineSettings DEFAULT = new EngineSettings("auto", 0, null, null);

    public EngineSettings {
        if (!device.matches("auto|cpu|gpu|gpu:\\d{1,3}")) {
            throw new IllegalArgumentException(
                    "pix2pix.device: expected auto, cpu, gpu or gpu:N, found '" + device + "'");
        }
        if (threads < 0) {
            throw new IllegalArgumentException("threads must not be negative, found " + threads);
        }
    }
}
