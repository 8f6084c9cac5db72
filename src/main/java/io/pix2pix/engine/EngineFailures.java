package io.pix2pix.engine;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.util.List;
import java.util.Locale;

/**
 * What a failed call into PyTorch means. Its errors all come as one type; the message alone tells a
 * full memory from a broken device and both from input that the network refuses.
 */
final class EngineFailures {
    /**
     * In messages about memory: of CUDA's allocator, of CUDA, of its libraries, of the host's
     * allocator and of C++.
     */
    private static final List<String> NO_MEMORY =
            List.of(
                    "out of memory",
                    "allocate memory",
                    "not enough memory",
                    "status_alloc_failed",
                    "bad_alloc");

    /** In messages of a device that is at fault itself, whatever it was asked for. */
    private static final List<String> DEVICE_FAULTS =
            List.of(
                    "cuda error",
                    "cudnn error",
                    "cudnn_status",
                    "cublas_status",
                    "cufft_status",
                    "cusolver_status",
                    "cuda driver",
                    "device-side assert");

    private EngineFailures() {}

    /**
     * OUT_OF_MEMORY or DEVICE_FAILED, which may pass, or else what the caller says, for good.
     *
     * @param what what was tried, for the message
     */
    static FailureException of(Stage stage, String code, String what, Exception e) {
        String message = String.valueOf(e.getMessage());
        Failure failure;
        if (isOutOfMemory(message)) {
            failure =
                    Failure.retriable(
                            stage,
                            "OUT_OF_MEMORY",
                            "Device memory is exhausted; smaller batches or pictures need less: "
                                    + firstLine(message));
        } else if (isDeviceFault(message)) {
            failure =
                    Failure.retriable(
                            stage,
                            "DEVICE_FAILED",
                            "%s: the device reported %s".formatted(what, firstLine(message)));
        } else {
            failure = Failure.permanent(stage, code, what + ": " + firstLine(message));
        }
        return new FailureException(failure, e);
    }

    static boolean isOutOfMemory(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return NO_MEMORY.stream().anyMatch(lower::contains);
    }

    private static boolean isDeviceFault(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return DEVICE_FAULTS.stream().anyMatch(lower::contains);
    }

    /** PyTorch's message without the stack of its script. */
    static String firstLine(String message) {
        List<String> lines = message.lines().filter(line -> !line.isBlank()).toList();
        return lines.stream()
                .filter(line -> line.startsWith("RuntimeError: "))
                .reduce((a, b) -> b)
                .orElse(lines.isEmpty() ? "no reason given" : lines.get(0));
    }
}
