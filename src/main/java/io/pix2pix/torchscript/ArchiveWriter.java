package io.pix2pix.torchscript;

import io.pix2pix.network.ScriptModule;
import io.pix2pix.network.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs a module into a TorchScript archive: a zip of stored entries that {@code torch.jit.load}
 * reads in Python, libtorch and DJL.
 *
 * <pre>
 * m/version             10: the operators' version
 * m/constants.pkl       an empty tuple
 * m/data.pkl            the module's objects, tensors by reference to their storages
 * m/code/__torch__.py   the source
 * m/data/0, 1, ...      raw little-endian storages
 * m/extra/NAME          files for other readers ({@code _extra_files} in Python)
 * </pre>
 */
final class ArchiveWriter {
    private static final String TOP = "m/";
    private static final String VERSION = "10\n";
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

    private final ScriptModule module;
    private final StringBuilder classes = new StringBuilder();
    private final PickleWriter pickle = new PickleWriter();
    private final List<Tensor> storages = new ArrayList<>();
    private int types;

    private ArchiveWriter(ScriptModule module) {
        this.module = module;
    }

    /** Writes the archive, with extra files by name. */
    static void write(Path file, ScriptModule module, Map<String, String> extra)
            throws IOException {
        ArchiveWriter writer = new ArchiveWriter(module);
        writer.describe(Node.root(module.tensors()), ScriptModule.TYPE, module.methods());
        try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
                ZipOutputStream zip = new ZipOutputStream(raw)) {
            store(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
            store(zip, "data.pkl", writer.pickle.end());
            store(
                    zip,
                    "code/__torch__.py",
                    writer.classes.toString().getBytes(StandardCharsets.UTF_8));
            store(zip, "constants.pkl", EMPTY_TUPLE);
            for (int i = 0; i < writer.storages.size(); i++) {
                store(zip, "data/" + i, bytes(writer.storages.get(i)));
            }
            for (Map.Entry<String, String> each : extra.entrySet()) {
                store(
                        zip,
                        "extra/" + each.getKey(),
                        each.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** A module of the tree: its own tensors and its children, by name, in order. */
    private record Node(Map<String, String> tensors, Map<String, Node> children) {
        static Node root(Map<String, Tensor> tensors) {
            Node root = new Node(new LinkedHashMap<>(), new LinkedHashMap<>());
            for (String key : tensors.keySet()) {
                Node node = root;
                String[] parts = key.split("\\.", -1);
                for (int i = 0; i < parts.length - 1; i++) {
                    node =
                            node.children.computeIfAbsent(
                                    parts[i],
                                    name -> new Node(new LinkedHashMap<>(), new LinkedHashMap<>()));
                }
                node.tensors.put(parts[parts.length - 1], key);
            }
            return root;
        }
    }

    /** Adds a module's object to the pickle and its class, after those of its children. */
    private void describe(Node node, String type, String methods) {
        int dot = type.lastIndexOf('.');
        pickle.beginObject(type.substring(0, dot), type.substring(dot + 1));
        pickle.string("training");
        pickle.bool(false);
        StringBuilder parameters = new StringBuilder();
        StringBuilder buffers = new StringBuilder();
        StringBuilder fields = new StringBuilder("  training : bool\n");
        node.tensors.forEach(
                (name, key) -> {
                    boolean buffer = module.buffers().contains(key);
                    (buffer ? buffers : parameters).append('"').append(name).append("\", ");
                    fields.append("  ").append(name).append(" : Tensor\n");
                    pickle.string(name);
                    tensor(key, !buffer);
                });
        StringBuilder numbered = new StringBuilder();
        node.children.forEach(
                (name, child) -> {
                    String childType = "__torch__.M" + types++;
                    if (Character.isDigit(name.charAt(0))) {
                        numbered.append(
                                "  __annotations__[\"%s\"] = %s\n".formatted(name, childType));
                    } else {
                        fields.append("  ")
                                .append(name)
                                .append(" : ")
                                .append(childType)
                                .append('\n');
                    }
                    pickle.string(name);
                    describe(child, childType, "");
                });
        pickle.endObject();
        classes.append("class ").append(type.substring(dot + 1)).append("(Module):\n");
        classes.append("  __parameters__ = [").append(parameters).append("]\n");
        classes.append("  __buffers__ = [").append(buffers).append("]\n");
        if (!numbered.isEmpty()) {
            fields.append("  __annotations__ = []\n").append(numbered);
        }
        classes.append(fields).append(methods);
    }

    private void tensor(String key, boolean parameter) {
        Tensor tensor = module.tensors().get(key);
        if (tensor == null) {
            throw new IllegalStateException("No " + key);
        }
        String storage = String.valueOf(storages.size());
        if (tensor.isCount()) {
            pickle.tensor("LongStorage", storage, 1, tensor.shape(), false);
        } else {
            int elements = tensor.floats().length;
            pickle.tensor("FloatStorage", storage, elements, tensor.shape(), parameter);
        }
        storages.add(tensor);
    }

    private static byte[] bytes(Tensor tensor) {
        if (tensor.isCount()) {
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            return bytes.putLong(tensor.count()).array();
        }
        float[] values = tensor.floats();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        return bytes.array();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(TOP + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        // A fixed time, so that the same module gives the same bytes.
        entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
