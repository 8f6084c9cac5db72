package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.ChildJvm;
import io.pix2pix.testing.Growth;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What thousands of batches and steps leave behind: no array, no native memory. */
@Timeout(300)
class LeakTest {
    /** A page of memory that a round took by chance is some bytes of this. */
    private static final double NOISE = 250;

    private static Map<String, Growth> found = Map.of();

    @BeforeAll
    static void measure() throws Exception {
        found =
                ChildJvm.run(LeakProbe.class).stream()
                        .filter(Growth::isPrinted)
                        .map(Growth::parse)
                        .collect(Collectors.toMap(Growth::name, Function.identity()));
    }

    @Test
    void batchesLeaveNothingBehind() {
        assertNothing("batches", NOISE);
    }

    @Test
    void trainingStepsLeaveNothingBehind() {
        assertNothing("steps", NOISE);
        assertNothing("validations", NOISE);
    }

    @Test
    void trainingsLeaveNothingBehind() {
        // PyTorch keeps the names of a program's types for ever: some KB each time it is loaded.
        assertNothing("trainings", 30_000);
    }

    @Test
    void aForgottenArrayIsNoticed() {
        Growth growth = growth("forgotten-arrays");
        assertThat(growth.arrays()).isEqualTo(1000);
        assertThat(growth.bytes()).isGreaterThan(10_000);
    }

    @Test
    void forgottenNativeMemoryIsNoticed() {
        Growth growth = growth("forgotten-native-memory");
        assertThat(growth.arrays()).isZero();
        assertThat(growth.bytes()).isGreaterThan(4 * NOISE);
    }

    private static void assertNothing(String work, double noise) {
        assertThat(growth(work).arrays()).as(work).isZero();
        assertThat(growth(work).bytes()).as(work).isLessThan(noise);
    }

    private static Growth growth(String work) {
        assertThat(found).containsKey(work);
        return found.get(work);
    }
}
