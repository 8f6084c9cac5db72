package io.pix2pix.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is looked at in a module of somebody else before PyTorch is given it. */
class ScriptArchiveTest {
    private static final String EMPTY = "\u0080\u0002).";

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private Path file = Path.of("");

    @BeforeEach
    void module(@TempDir Path folder) {
        file = folder.resolve("model.pt");
        put("net/version", "10\n");
        put("net/code/__torch__.py", "class Net(Module):\n  def forward(self, x): return x\n");
        put("net/code/__torch__.py.debug_pkl", "\u0080\u0002.");
        put("net/data.pkl", pickle(4, "K\u0002K\u0002", "K\u0002K\u0001"));
        put("net/constants.pkl", EMPTY);
        entries.put("net/data/0", new byte[16]);
    }

    private void put(String name, String content) {
        entries.put(name, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A module with one tensor of float32. */
    private static String pickle(int numbers, String shape, String stride) {
        return ("\u0080\u0002c__torch__\nNet\n)\u0081}(X\u0008\u0000\u0000\u0000trainingI"
                                .replace("I", "\u0089")
                        + "X\u0001\u0000\u0000\u0000wctorch._utils\n_rebuild_tensor_v2\n"
                        + "((X\u0007\u0000\u0000\u0000storagectorch\nFloatStorage\n"
                        + "X\u0001\u0000\u0000\u00000X\u0003\u0000\u0000\u0000cpuK")
                + (char) numbers
                + "tQK\u0000("
                + shape
                + "t("
                + stride
                + "t\u0089ccollections\nOrderedDict\n)RtRub.";
    }

    private void write() throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(each.getValue().length);
                CRC32 crc = new CRC32();
                crc.update(each.getValue());
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(each.getValue());
            }
        }
    }

    @Test
    void aWholeModulePasses() throws IOException {
        write();
        ScriptArchive.require(file);
    }

    /** What PyTorch's own writer also puts there. */
    @Test
    void whatElsePyTorchWritesPasses() throws IOException {
        put("net/byteorder", "little");
        put("net/.data/serialization_id", "123");
        put("net/extra/notes.txt", "anything");
        put(
                "net/constants.pkl",
                "\u0080\u0002(ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\u0000\u0000\u0000storagectorch\nLongStorage\n"
                        + "X\u0001\u0000\u0000\u00000X\u0003\u0000\u0000\u0000cpuK\u0001tQK\u0000))\u0089NtR"
                        + "ctorch.jit._pickle\nbuild_intlist\n](K\u0001K\u0002e\u0085Rt.");
        entries.put("net/constants/0", new byte[8]);
        write();
        ScriptArchive.require(file);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "torch.from_file(\"/etc/passwd\", False, 64)",
                "ops.aten.from_file(\"/etc/passwd\", False, 64)",
                "(torch.  # \n from_file)(\"/etc/passwd\")",
                "getattr(torch, \"from\\x5ffile\")(\"/etc/passwd\")",
                "getattr( # \n (ops.aten), \"from\\137file\")(\"/etc/passwd\")",
                "torch.save(x, \"/tmp/x\")",
                "torch.save # \n (x, \"/tmp/x\")",
                "(torch.save)(x, \"/tmp/x\")",
                "x\n    f = torch.save\n    f(x, \"/tmp/x\")",
                "x\n    t = torch\n    return getattr(t, \"from\\x5ffile\")(\"/etc/passwd\")",
                "x\n    t = # it's\n      (torch)\n    u = t",
                "x\n    t = ops\n    u = t.aten",
                "x\n    t = ops . \\\n aten\n    u = t",
                "x\n    t = torch.autograd\n    u = t",
                "x\n    t = ops.aten.autograd\n    u = t",
                "getattr(x, \"save\")(\"/tmp/x\")",
                "getattr(x, 'sa\\166e')(\"/tmp/x\")",
                "getattr(x, (\"\"\"sa\\166e\"\"\"))(\"/tmp/x\")",
                "getattr(x, \"sa\" 've')(\"/tmp/x\")",
                "getattr(x, '' \"save\")(\"/tmp/x\")"
            })
    void aModuleThatOpensFilesIsRefused(String call) throws IOException {
        put("net/code/__torch__.py", "class Net(Module):\n  def forward(self, x): return " + call);
        assertRefused("opens files");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "getattr(self.model, \"0\")",
                "self.save_this(x)",
                "torch.conv2d(x, getattr(self, \"torch\"))",
                "torch.add(torch.autograd.grad(x), ops.prim.NumToTensor(1), alpha=1)",
                "getattr(getattr(self.model, \"0\"), \"\")",
                "ops.prim.RaiseException(\"Tensor is not a torch image.\\n\", \"builtins.TypeError\")",
                "torch.format(\"{}, torch tensors (ops counted) or others\", x)",
                "self.ops\n  torch : __torch__.torch.nn.modules.Sequential\n  ops : Tensor"
            })
    void oneThatOpensNonePasses(String call) throws IOException {
        put("net/code/__torch__.py", "class Net(Module):\n  def forward(self, x): return " + call);
        write();
        ScriptArchive.require(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"net/version", "net/data.pkl", "net/constants.pkl", "net/data/0"})
    void aModuleThatLacksSomethingIsRefused(String name) throws IOException {
        entries.remove(name);
        assertRefused(name.equals("net/data/0") ? "Storage 0 has 0 bytes" : "lacks the entry");
    }

    @Test
    void aModuleWithoutCodeIsRefused() throws IOException {
        entries.remove("net/code/__torch__.py");
        assertRefused("it has no code");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"other/x", "x", "/etc/passwd", "net/../x", "net/..", "net\\x", "net/a\nb"})
    void entriesElsewhereAreRefused(String name) throws IOException {
        put(name, "x");
        assertRefused("expected entries in the folder net/");
    }

    /** PyTorch takes the first one's word for the storage, another reader the second one's. */
    @Test
    void twoEntriesOfOneNameAreRefused() throws IOException {
        entries.put("net/data/1", new byte[4]);
        write();
        byte[] zip = Files.readAllBytes(file);
        String text =
                new String(zip, StandardCharsets.ISO_8859_1).replace("net/data/1", "net/data/0");
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ScriptArchive.require(file))
                .hasMessageContaining("two entries net/data/0");
    }

    /** PyTorch would read what lies behind the storage in its memory. */
    @ParameterizedTest
    @CsvSource({"5, 2, 2, 2", "4, 3, 2, 2", "4, 2, 2, 9"})
    void tensorsBeyondTheirStoragesAreRefused(int numbers, int rows, int columns, int stride)
            throws IOException {
        String shape = "K" + (char) rows + "K" + (char) columns;
        put("net/data.pkl", pickle(numbers, shape, "K" + (char) stride + "K\u0001"));
        assertRefused(numbers > 4 ? "too few for its 5 numbers" : "does not fit its storage of 4");
    }

    @Test
    void anEmptyTensorNeedsNoStorage() throws IOException {
        put("net/data.pkl", pickle(0, "K\u0000", "K\u0001"));
        entries.remove("net/data/0");
        write();
        ScriptArchive.require(file);
    }

    @Test
    void aPickleThatIsCutOffIsRefused() throws IOException {
        put("net/data.pkl", pickle(4, "K\u0002K\u0002", "K\u0002K\u0001").substring(0, 40));
        assertRefused("damaged or cut off");
    }

    @Test
    void whatUnpacksToTooMuchIsRefused() throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(each.getKey()));
                zip.write(each.getValue());
            }
            zip.putNextEntry(new ZipEntry("net/extra/zeros"));
            zip.write(new byte[32 << 20]);
        }
        assertThatThrownBy(() -> ScriptArchive.require(file))
                .hasMessageContaining("too many for its size");
    }

    @Test
    void codeThatIsTooLongOrTooDeepIsRefused() throws IOException {
        put("net/code/__torch__.py", "x = " + "(".repeat(201) + ")".repeat(201));
        assertRefused("brackets nested more than 200 deep");
        put("net/code/__torch__.py", "x = \"" + "(".repeat(201) + "\"");
        write();
        ScriptArchive.require(file);
        put("net/code/__torch__.py", " ".repeat((16 << 20) + 1));
        assertRefused("expected at most 16777216");
    }

    @Test
    void aVersionThatIsNoNumberIsRefused() throws IOException {
        put("net/version", "ten");
        assertRefused("expected a version");
    }

    private void assertRefused(String word) throws IOException {
        write();
        assertThatThrownBy(() -> ScriptArchive.require(file))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> {
                            assertThat(e.failure().stage()).isEqualTo(Stage.MODEL);
                            assertThat(e.failure().code()).isEqualTo("NOT_TORCHSCRIPT");
                            assertThat(e.failure().retriable()).isFalse();
                            assertThat(e.failure().message()).contains(file.toString(), word);
                        });
    }
}
