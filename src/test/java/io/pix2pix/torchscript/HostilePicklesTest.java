package io.pix2pix.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.testing.Fuzz;
import io.pix2pix.testing.PthFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small pickles that ask for much: each is refused with little time and memory. */
class HostilePicklesTest {
    private static final String STORAGE =
            "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\u0000\u0000\u0000storagectorch\nFloatStorage\n"
                    + "X\u0001\u0000\u0000\u00000X\u0003\u0000\u0000\u0000cpu";
    private static final int COPIES = 200_000;

    private Path file = Path.of("");

    @BeforeEach
    void file(@TempDir Path folder) {
        file = folder.resolve("hostile.pth");
    }

    /** Text of it would double with each list. */
    @Test
    void listsOfListsAsTheIdOfAStorage() {
        StringBuilder pickle = new StringBuilder("\u0080\u0002]q\u0000");
        for (int i = 0; i < 60; i++) {
            pickle.append("](h").append((char) i).append("h").append((char) i).append("eq");
            pickle.append((char) (i + 1));
        }
        assertRefused(pickle + "\u0085Q.", "something stored that is no tensor");
    }

    @Test
    void aListThatHoldsItselfAsTheIdOfAStorage() {
        assertRefused("\u0080\u0002]q\u0000]q\u0001h\u0000aah\u0001\u0085Q.", "no tensor");
    }

    /** There are 2^60 ways through these modules. */
    @Test
    void modulesThatShareModules() throws Exception {
        StringBuilder pickle = new StringBuilder("\u0080\u0002c__torch__\nM\n)\u0081q\u0000");
        for (int i = 0; i < 60; i++) {
            String child = "h" + (char) i;
            pickle.append("c__torch__\nM\n)\u0081}(X\u0001\u0000\u0000\u0000a").append(child);
            pickle.append("X\u0001\u0000\u0000\u0000b")
                    .append(child)
                    .append("ubq")
                    .append((char) (i + 1));
        }
        write(pickle + ".", new byte[0]);
        within(
                () ->
                        assertThatThrownBy(() -> TorchFile.readModule(file))
                                .hasMessageContaining("belongs to two others"));
    }

    @Test
    void aListThatIsCopiedIntoManyDictionaries() {
        StringBuilder pickle =
                new StringBuilder("\u0080\u0002ccollections\nOrderedDict\nq\u0000](");
        for (int i = 0; i < 1000; i++) {
            pickle.append("\u008c\u0004%04dN\u0086".formatted(i));
        }
        pickle.append("e\u0085q\u0001");
        assertRefused(pickle + "h\u0000h\u0001R".repeat(COPIES) + ".", "steps");
    }

    @Test
    void aStateThatIsCopiedIntoManyModules() throws Exception {
        StringBuilder pickle = new StringBuilder("\u0080\u0002c__torch__\nM\nq\u0000}(");
        for (int i = 0; i < 1000; i++) {
            pickle.append("\u008c\u0004%04dN".formatted(i));
        }
        pickle.append("uq\u0001");
        write(pickle + "h\u0000)\u0081h\u0001b".repeat(COPIES) + ".", noise(1 << 18));
        within(
                () ->
                        assertThatThrownBy(() -> TorchFile.readModule(file))
                                .hasMessageContaining("steps"));
    }

    @Test
    void aListThatGrowsByMany() throws Exception {
        String pickle = "\u0080\u0002](" + "N".repeat(100_000) + "e" + "(Ne".repeat(COPIES) + ".";
        write(pickle, new byte[0]);
        within(
                () ->
                        assertThatThrownBy(() -> TorchFile.readStateDict(file))
                                .hasMessageContaining("expected a dictionary"));
    }

    /** 2^61 numbers of 8 bytes are 0 bytes where nobody looks. */
    @Test
    void aStorageWhoseSizeOverflows() {
        String huge = "\u008a\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0000 ";
        String tensor =
                STORAGE.replace("FloatStorage", "LongStorage")
                        + huge
                        + "tQK\u0000(J\u00ff\u00ff\u00ff?t(K\u0001t\u0089NtR";
        assertRefused(
                "\u0080\u0002}\u008c\u0001k" + tensor + "s.", "A storage of 2305843009213693952");
    }

    @Test
    void aTensorOfManyDimensions() {
        String sizes = "(" + "K\u0001".repeat(100_000) + "t";
        assertRefused(
                "\u0080\u0002}\u008c\u0001k"
                        + STORAGE
                        + "K\u0001tQK\u0000"
                        + sizes
                        + sizes
                        + "\u0089NtRs.",
                "A tensor of 100000 dimensions");
    }

    /** One storage of nothing, packed to a thousandth. */
    @Test
    void aStorageThatUnpacksToMore() throws Exception {
        int numbers = 8 << 20;
        String count =
                "J"
                        + (char) (numbers & 255)
                        + (char) (numbers >> 8 & 255)
                        + (char) (numbers >> 16)
                        + "\u0000";
        write(
                "\u0080\u0002}\u008c\u0001k"
                        + STORAGE
                        + count
                        + "tQK\u0000("
                        + count
                        + "t(K\u0001t\u0089NtRs.",
                new byte[4 * numbers]);
        assertThat(Files.size(file)).isLessThan(100_000);
        within(
                () ->
                        assertThatThrownBy(() -> TorchFile.readStateDict(file))
                                .hasMessageContaining("it unpacks to more than")
                                .hasMessageContaining("too many for its size"));
    }

    /** Each is a view of all of the one storage. */
    @Test
    void manyTensorsOverOneStorage() throws Exception {
        String numbers = "J\u0000\u0000\u0001\u0000";
        StringBuilder pickle = new StringBuilder("\u0080\u0002}(");
        pickle.append("\u008c\u00040000").append(STORAGE).append(numbers);
        pickle.append("tQK\u0000(").append(numbers).append("t(K\u0001t\u0089NtRq\u0000");
        for (int i = 1; i < 5000; i++) {
            pickle.append("\u008c\u0004%04dh\u0000".formatted(i));
        }
        write(pickle + "u.", noise(4 << 16));
        within(
                () ->
                        assertThatThrownBy(() -> TorchFile.readStateDict(file))
                                .hasMessageContaining("it unpacks to more than"));
    }

    @Test
    void manyEntries() throws Exception {
        List<byte[]> storages = new ArrayList<>();
        for (int i = 0; i <= TorchZip.MAX_ENTRIES; i++) {
            storages.add(new byte[0]);
        }
        PthFile.writeZip(file, new byte[] {(byte) 0x80, 2, '}', '.'}, storages);
        assertThatThrownBy(() -> TorchFile.readStateDict(file))
                .hasMessageContaining("expected at most 20000");
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(1).nextBytes(noise);
        return noise;
    }

    private void assertRefused(String pickle, String word) {
        write(pickle, new byte[16]);
        within(
                () ->
                        assertThatThrownBy(() -> TorchFile.readStateDict(file))
                                .isInstanceOf(FailureException.class)
                                .hasMessageContaining(word));
    }

    private void write(String pickle, byte[] storage) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(pickle.getBytes(StandardCharsets.ISO_8859_1));
        PthFile.writeZip(file, bytes.toByteArray(), List.of(storage));
    }

    /** Within the harness's deadline, and with a bounded memory. */
    private static void within(Runnable reading) {
        try {
            Fuzz.of("hostile", e -> false, e -> "")
                    .inputs(1)
                    .allocating(0, 256 << 20)
                    .run(random -> new byte[0], input -> reading.run());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
