package io.pix2pix.torchscript;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Tensor;
import io.pix2pix.torchscript.BoundedUnpickler.RefusedException;
import io.pix2pix.torchscript.RestrictedUnpickler.ModuleObject;
import io.pix2pix.torchscript.StoredTensor.Storage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Files that PyTorch writes: state dicts ({@code torch.save}, in the zip format and the older bare
 * pickle) and TorchScript archives. Tensors come out by state-dict key, as float32.
 *
 * <p>The files may be anybody's: no code of theirs is run, and what is read and allocated is
 * bounded by their size ({@link ReadBudget}).
 */
final class TorchFile {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final int MAX_TENSORS = 10_000;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_EXTRA = 1 << 16;
    private static final String DATA_PARALLEL = "module.";

    private final Path file;

    private TorchFile(Path file) {
        this.file = file;
    }

    /**
     * The tensors of a state dict. A {@code module.} before every key is taken away.
     *
     * @throws FailureException stage MODEL: NOT_FOUND, NOT_A_STATE_DICT, UNSAFE_PICKLE, TRUNCATED
     */
    static Map<String, Tensor> readStateDict(Path file) {
        return new TorchFile(file).guarded(TorchFile::stateDict);
    }

    /**
     * The tensors of a TorchScript archive whose modules hold nothing but tensors and modules.
     *
     * @throws FailureException stage MODEL, as {@link #readStateDict}
     */
    static Map<String, Tensor> readModule(Path file) {
        return new TorchFile(file).guarded(TorchFile::module);
    }

    /** The text of an extra file in a TorchScript archive; empty when it is none or has none. */
    static Optional<String> readExtra(Path file, String name) {
        if (!Files.isReadable(file)) {
            throw failure("NOT_FOUND", "There is no readable file " + file, null);
        }
        try (TorchZip zip = TorchZip.open(file)) {
            ZipEntry entry = zip.find("extra/" + name);
            return entry == null
                    ? Optional.empty()
                    : Optional.of(new String(zip.read(entry, MAX_EXTRA), StandardCharsets.UTF_8));
        } catch (ZipException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("UNREADABLE", "Failed to read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private interface Reading {
        Map<String, Tensor> read(TorchFile file) throws IOException;
    }

    private Map<String, Tensor> guarded(Reading reading) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw failure("NOT_FOUND", "There is no readable file " + file, null);
        }
        try {
            return reading.read(this);
        } catch (FailureException e) {
            throw e;
        } catch (RefusedException e) {
            throw failure(
                    "UNSAFE_PICKLE",
                    "%s holds %s, which a state dict does not need; nothing of it was run. Expected a file written by torch.save(network.state_dict(), ...)"
                            .formatted(file, e.getMessage()),
                    e);
        } catch (IOException | RuntimeException e) {
            // A damaged or hostile pickle may go wrong in any way.
            throw failure(
                    "NOT_A_STATE_DICT",
                    "%s is not a state dict that can be read: %s".formatted(file, reason(e)),
                    e);
        }
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static FailureException failure(
            String code, String message, @Nullable Exception cause) {
        return new FailureException(Failure.permanent(Stage.MODEL, code, message), cause);
    }

    private Map<String, Tensor> stateDict() throws IOException {
        if (isZip()) {
            try (TorchZip zip = TorchZip.open(file)) {
                if (zip.find("constants.pkl") != null) {
                    throw failure(
                            "NOT_A_STATE_DICT",
                            file + " is a TorchScript module already, no state dict",
                            null);
                }
                return tensors(dictionary(unpickle(zip, false)), zip.budget());
            }
        }
        return barePickle();
    }

    private Map<String, Tensor> module() throws IOException {
        try (TorchZip zip = TorchZip.open(file)) {
            Map<String, Object> flat = new LinkedHashMap<>();
            Set<ModuleObject> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            flatten((ModuleObject) unpickle(zip, true), "", 0, flat, seen);
            return tensors(flat, zip.budget());
        }
    }

    private boolean isZip() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(4);
            if (start.length == 0) {
                throw new IOException("it is empty");
            }
            return start.length == 4 && start[0] == 'P' && start[1] == 'K';
        }
    }

    private static Object unpickle(TorchZip zip, boolean modules) throws IOException {
        if (zip.find("data.pkl") == null) {
            throw new IOException("it is a zip file without data.pkl");
        }
        ZipEntry order = zip.find("byteorder");
        if (order != null
                && !new String(zip.read(order, 16), StandardCharsets.UTF_8).startsWith("little")) {
            throw new IOException("its numbers are not little-endian");
        }
        StoredTensor.Source source = remembering(storage -> read(zip, storage));
        byte[] bytes = zip.read("data.pkl", BoundedUnpickler.MAX_PICKLE);
        return new RestrictedUnpickler(modules, source).load(new ByteArrayInputStream(bytes));
    }

    private static ByteBuffer read(TorchZip zip, Storage storage) throws IOException {
        byte[] bytes = zip.read("data/" + storage.key(), Integer.MAX_VALUE - 8);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Tensors that share a storage lie next to each other. */
    private static StoredTensor.Source remembering(StoredTensor.Source source) {
        IdentityHashMap<Storage, ByteBuffer> latest = new IdentityHashMap<>();
        return storage -> {
            ByteBuffer bytes = latest.get(storage);
            if (bytes == null) {
                latest.clear();
                bytes = source.read(storage);
                latest.put(storage, bytes);
            }
            return bytes;
        };
    }

    /** The format before PyTorch 1.6: five pickles, then the storages one after another. */
    private Map<String, Tensor> barePickle() throws IOException {
        try (FileChannel channel = FileChannel.open(file);
                CountingInput in = new CountingInput(Files.newInputStream(file))) {
            ReadBudget budget = ReadBudget.of(channel.size());
            Map<String, Long> positions = new HashMap<>();
            StoredTensor.Source source =
                    remembering(storage -> read(channel, storage, positions, budget));
            RestrictedUnpickler unpickler = new RestrictedUnpickler(false, source);
            int most = BoundedUnpickler.MAX_PICKLE;
            if (in.peek() != 0x80 || !MAGIC.equals(unpickler.load(in.limited(most)))) {
                throw new IOException(
                        "it is neither a zip file nor a pickle written by torch.save");
            }
            unpickler.load(in.limited(most));
            unpickler.load(in.limited(most));
            Map<?, ?> dictionary = dictionary(unpickler.load(in.limited(most)));
            List<?> keys = (List<?>) unpickler.load(in.limited(most));
            long position = in.position();
            for (Object key : keys) {
                Storage storage = unpickler.storages().get((String) key);
                if (storage == null) {
                    throw new IOException("it has a storage %s that no tensor uses".formatted(key));
                }
                // Each storage's count of numbers stands before it, as an int64.
                positions.put(storage.key(), position + Long.BYTES);
                position += Long.BYTES + storage.bytes();
            }
            return tensors(dictionary, budget);
        }
    }

    private static ByteBuffer read(
            FileChannel channel, Storage storage, Map<String, Long> positions, ReadBudget budget)
            throws IOException {
        Long position = positions.get(storage.key());
        if (position == null || position + storage.bytes() > channel.size()) {
            throw new IOException("it ends before storage " + storage.key());
        }
        budget.take(storage.bytes());
        ByteBuffer bytes = ByteBuffer.allocate(storage.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        Safetensors.fill(channel, position, bytes);
        return bytes.flip();
    }

    private static Map<?, ?> dictionary(Object read) throws IOException {
        if (read instanceof Map<?, ?> map) {
            return map;
        }
        throw new IOException("expected a dictionary of tensors, found another object");
    }

    private static void flatten(
            ModuleObject module,
            String prefix,
            int depth,
            Map<String, Object> flat,
            Set<ModuleObject> seen)
            throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("its modules are nested too deeply");
        }
        // One that many hold would be walked once for each way to it.
        if (!seen.add(module)) {
            throw new IOException("a module in it belongs to two others");
        }
        for (Map.Entry<String, Object> each : module.attributes().entrySet()) {
            if (each.getValue() instanceof ModuleObject child) {
                flatten(child, prefix + each.getKey() + ".", depth + 1, flat, seen);
            } else if (each.getValue() instanceof StoredTensor tensor) {
                flat.put(prefix + each.getKey(), tensor);
            }
        }
    }

    private static Map<String, Tensor> tensors(Map<?, ?> dictionary, ReadBudget budget)
            throws IOException {
        if (dictionary.size() > MAX_TENSORS) {
            throw new IOException("it has more than %d tensors".formatted(MAX_TENSORS));
        }
        boolean prefixed =
                !dictionary.isEmpty()
                        && dictionary.keySet().stream()
                                .allMatch(key -> key.toString().startsWith(DATA_PARALLEL));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<?, ?> each : dictionary.entrySet()) {
            String key = (String) each.getKey();
            if (!(each.getValue() instanceof StoredTensor stored)) {
                throw new IOException(
                        "expected a tensor under %s, found another object".formatted(key));
            }
            budget.take(stored.bytes());
            Tensor tensor = stored.read();
            tensors.put(prefixed ? key.substring(DATA_PARALLEL.length()) : key, tensor);
        }
        return tensors;
    }
}
