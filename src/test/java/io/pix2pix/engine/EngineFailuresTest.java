package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What PyTorch says, as it says it, and what that means. */
class EngineFailuresTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11"
                        + " GiB of which 1.21 GiB is free.",
                "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
                "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
                "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                "[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate"
                        + " memory: you tried to allocate 68719476736 bytes. Error code 12 (Cannot"
                        + " allocate memory)",
                "[enforce fail at alloc_cpu.cpp:80] data. DefaultCPUAllocator: not enough memory: you"
                        + " tried to allocate 4096 bytes.",
                "std::bad_alloc"
            })
    void memoryThatIsExhausted(String message) {
        assertThat(of(message)).extracting(Failure::code).isEqualTo("OUT_OF_MEMORY");
        assertThat(of(message).retriable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CUDA error: an illegal memory access was encountered",
                "CUDA error: unspecified launch failure",
                "CUDA error: device-side assert triggered",
                "CUDA error: uncorrectable ECC error encountered",
                "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
                "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`",
                "CUDA driver error: unknown error"
            })
    void aDeviceAtFault(String message) {
        assertThat(of(message)).extracting(Failure::code).isEqualTo("DEVICE_FAILED");
        assertThat(of(message).retriable()).isTrue();
    }

    @Test
    void inputThatTheNetworkRefuses() {
        Failure failure =
                of(
                        """
                        The following operation failed in the TorchScript interpreter.
                        Traceback of TorchScript, serialized code (most recent call last):
                        RuntimeError: Given groups=1, weight of size [4, 3, 4, 4], expected input to \
                        have 3 channels, but got 1 channels instead
                        """);
        assertThat(failure.code()).isEqualTo("REFUSED");
        assertThat(failure.retriable()).isFalse();
        assertThat(failure.message()).startsWith("Asking: RuntimeError: Given groups=1");
    }

    private static Failure of(String message) {
        return EngineFailures.of(Stage.GENERATE, "REFUSED", "Asking", new EngineException(message))
                .failure();
    }
}
