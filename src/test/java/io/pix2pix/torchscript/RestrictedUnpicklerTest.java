package io.pix2pix.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.network.Architecture;
import io.pix2pix.testing.PthFile;
import io.pix2pix.torchscript.WeightsImporter.Wanted;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles that do what a state dict has no business doing. */
class RestrictedUnpicklerTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0080\u0002cos\nsystem\n(X\u0004\u0000\u0000\u0000truetR.",
                "\u0080\u0002cposix\nsystem\n)R.",
                "\u0080\u0002c__builtin__\neval\n(X\u0001\u0000\u0000\u00001tR.",
                "\u0080\u0002cbuiltins\ngetattr\n)R.",
                "\u0080\u0002cmodels.networks\nUnetGenerator\n)\u0081}b.",
                "\u0080\u0002ctorch.storage\n_load_from_bytes\n)R.",
                "\u0080\u0002c__torch__\nNet\n)\u0081.",
                "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093)R.",
                "\u0080\u0002cdecimal\nDecimal\n(X\u0001\u0000\u0000\u00001tR.",
                "(ios\nsystem\n.",
                "(cos\nsystem\no.",
                "Pid\n.",
                "\u0080\u0002\u0082\u0001."
            })
    void refusesEveryOtherName(String pickle, @TempDir Path folder) {
        assertThatThrownBy(() -> read(folder, pickle.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo("UNSAFE_PICKLE");
                            assertThat(e.failure().message()).contains("nothing of it was run");
                        });
    }

    @Test
    void namesWhatWasAskedFor(@TempDir Path folder) {
        byte[] pickle = "\u0080\u0002cos\nsystem\n)R.".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> read(folder, pickle)).hasMessageContaining("holds os.system");
    }

    @Test
    void takesNoMemoryForLengthsThatAreOnlyClaimed(@TempDir Path folder) {
        byte[] pickle = {(byte) 0x80, 2, 'X', -1, -1, -1, 0x7F, '.'};
        assertThatThrownBy(() -> read(folder, pickle)).isInstanceOf(FailureException.class);
    }

    @Test
    void endsOnEndlessGrowth(@TempDir Path folder) {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        byte[] tuples = new byte[5_000_000];
        java.util.Arrays.fill(tuples, (byte) ')');
        pickle.writeBytes(tuples);
        pickle.write('.');
        assertThatThrownBy(() -> read(folder, pickle.toByteArray())).hasMessageContaining("steps");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // more numbers than the storage has, a negative offset, an overflow
                "J\u0000\u0000\u0000\u0000(J\u0005\u0000\u0000\u0000t(J\u0001\u0000\u0000\u0000t",
                "J\u00ff\u00ff\u00ff\u00ff(J\u0001\u0000\u0000\u0000t(J\u0001\u0000\u0000\u0000t",
                "J\u0000\u0000\u0000\u0000(J\u0002\u0000\u0000\u0000t(J\u00ff\u00ff\u00ff\u007ft",
                "J\u0000\u0000\u0000\u0000(J\u00ff\u00ff\u00ff\u007ft(J\u0000\u0000\u0000\u0000t"
            })
    void tensorsStayInsideTheirStorages(String view, @TempDir Path folder) {
        String pickle =
                "\u0080\u0002}X\u0001\u0000\u0000\u0000ktorch".replace("torch", "")
                        + "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\u0000\u0000\u0000storage"
                        + "ctorch\nFloatStorage\nX\u0001\u0000\u0000\u00000X\u0003\u0000\u0000\u0000cpu"
                        + "J\u0004\u0000\u0000\u0000tQ"
                        + view
                        + "\u0089NtRs.";
        assertThatThrownBy(() -> read(folder, pickle.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().code()).isEqualTo("NOT_A_STATE_DICT");
                            assertThat(e.failure().message()).contains("A tensor of shape");
                        });
    }

    @Test
    void noiseIsRefusedInOrder(@TempDir Path folder) {
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            assertThatThrownBy(() -> read(folder, noise)).isInstanceOf(FailureException.class);
        }
    }

    private static void read(Path folder, byte[] pickle) throws Exception {
        Path file = folder.resolve("hostile.pth");
        byte[] noise = new byte[pickle.length / 8 + 16];
        new Random(1).nextBytes(noise);
        PthFile.writeZip(file, pickle, List.of(noise));
        WeightsImporter.read(file, Wanted.of(Architecture.parse("unet_8")));
        Files.delete(file);
    }
}
