package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.engine.StandIn.Faults;
import io.pix2pix.engine.StandIn.Poison;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.image.Pixels;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The device for fault tests has the faults it was given and no others. */
class StandInTest {
    private static final Pixels GOOD = Pixels.of8(2, 1, 3, new byte[] {-1, 0, 0, -1, 0, -1});
    private static final Pixels POISON = Pixels.of8(2, 1, 3, new byte[] {-1, 0, -1, 0, 0, 0});

    @Test
    void withoutFaultsItGivesBackWhateverItWasGiven() {
        try (Generator generator = generator(Faults.NONE)) {
            List<Pixels> batch = List.of(GOOD, POISON);
            for (int i = 0; i < 50; i++) {
                assertThat(generator.translate(batch)).isEqualTo(batch);
            }
        }
    }

    @Test
    void aPoisonousPictureFailsEveryBatchItIsInForGood() {
        try (Generator generator = generator(new Faults(Poison.FAIL, 0, 100, -1))) {
            assertThat(failure(generator, List.of(GOOD, POISON)).retriable()).isFalse();
            assertThat(generator.translate(List.of(GOOD))).hasSize(1);
        }
        assertThat(StandIn.isPoisonous(Pixels.of16(1, 1, 3, new short[] {-1, 0, -1}))).isTrue();
        assertThat(StandIn.isPoisonous(Pixels.of8(1, 1, 1, new byte[] {-1}))).isFalse();
    }

    @Test
    void aPoisonousPictureKillsTheProcess() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                home(StandIn.class) + File.pathSeparator + home(Victim.class),
                                Victim.class.getName())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor()).isEqualTo(137);
    }

    private static String home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }

    /** Run as a process of its own. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) {
            StandIn device = new StandIn(Duration.ZERO, new Faults(Poison.HALT, 0, 100, -1));
            try (Generator generator = device.generator()) {
                Pixels good = Pixels.of8(1, 1, 3, new byte[3]);
                var unused = generator.translate(List.of(good));
                Pixels poison = Pixels.of8(1, 1, 3, new byte[] {-1, 0, -1});
                unused = generator.translate(List.of(good, poison));
            }
        }
    }

    @Test
    void largerBatchesThanItsMemoryTakesAreRefused() {
        try (Generator generator = generator(new Faults(null, 0, 2, -1))) {
            assertThat(generator.translate(Collections.nCopies(2, GOOD))).hasSize(2);
            assertThat(failure(generator, Collections.nCopies(3, GOOD)).code())
                    .isEqualTo("OUT_OF_MEMORY");
        }
    }

    @Test
    void everySoManiethBatchFails() {
        StandIn device = new StandIn(Duration.ZERO, new Faults(null, 3, 100, -1));
        try (Generator generator = device.generator()) {
            for (int i = 1; i <= 9; i++) {
                if (i % 3 == 0) {
                    assertThat(failure(generator, List.of(GOOD)).code()).isEqualTo("DEVICE_FAILED");
                } else {
                    assertThat(generator.translate(List.of(GOOD))).hasSize(1);
                }
            }
        }
        assertThatCode(device::probe).doesNotThrowAnyException();
    }

    @Test
    void aBrokenOneFailsForAllItsGeneratorsAndItsProbe() {
        StandIn device = new StandIn(Duration.ZERO, new Faults(null, 0, 100, 2));
        try (Generator one = device.generator();
                Generator other = device.generator()) {
            assertThat(one.translate(List.of(GOOD))).hasSize(1);
            assertThatCode(device::probe).doesNotThrowAnyException();
            assertThat(one.translate(List.of(GOOD))).hasSize(1);
            assertThat(failure(one, List.of(GOOD)).code()).isEqualTo("DEVICE_FAILED");
            assertThat(failure(other, List.of(GOOD)).retriable()).isTrue();
        }
        assertThatThrownBy(device::probe).isInstanceOf(FailureException.class);
    }

    private static Generator generator(Faults faults) {
        return new StandIn(Duration.ZERO, faults).generator();
    }

    private static Failure failure(Generator generator, List<Pixels> batch) {
        try {
            generator.translate(batch);
        } catch (FailureException e) {
            return e.failure();
        }
        throw new AssertionError("The batch did not fail");
    }
}
