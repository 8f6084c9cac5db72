package io.pix2pix.testing;

import io.pix2pix.engine.EngineSettings;

/**
 * Where the tests of networks compute: on the CPU, or on what the system property {@value
 * #PROPERTY} names, such as {@code gpu:0}. Tolerances are those of float32: on a GPU set {@code
 * NVIDIA_TF32_OVERRIDE=0}, or convolutions round to TF32.
 */
public final class TestDevice {
    public static final String PROPERTY = "pix2pix.test.device";

    private TestDevice() {}

    /** As many threads as there are cores. */
    public static EngineSettings settings() {
        return new EngineSettings(System.getProperty(PROPERTY, "cpu"), 0, null, null);
    }
}
