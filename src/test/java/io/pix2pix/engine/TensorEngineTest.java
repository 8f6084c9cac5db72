package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import io.pix2pix.failure.FailureException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorEngineTest {

    @Test
    void opensTheProcessor() {
        TensorEngine engine = TensorEngine.open(new EngineSettings("cpu", 1, null, null));
        assertThat(engine.device()).isEqualTo("cpu");
        assertThat(engine.threads()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "gpu:7"})
    void aDeviceThatIsNotThereIsAnError(String device) {
        Assumptions.assumeTrue(Engine.getEngine("PyTorch").getGpuCount() == 0, "There is a GPU");
        assertThatThrownBy(() -> TensorEngine.open(new EngineSettings(device, 0, null, null)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo("NO_DEVICE");
                            assertThat(e.failure().message()).contains(device);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GPU", "cuda", "gpu:", "gpu:x", "cpu:0"})
    void refusesOtherWords(String device) {
        assertThatThrownBy(() -> new EngineSettings(device, 0, null, null))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
