package io.pix2pix.torchscript;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Tensor;
import io.pix2pix.torchscript.RestrictedUnpickler.ModuleObject;
import io.pix2pix.torchscript.RestrictedUnpickler.RefusedException;
import io.pix2pix.torchscript.StoredTensor.Storage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Files that PyTorch writes: state dicts ({@code torch.save}, in the zip format and the older bare
 * pickle) and TorchScript archives. Tensors come out by state-dict key, as float32.
 *
 * <p>Entries are found through the zip's central directory: the sizes stand behind the data, so a
 * forward-only reader cannot find the ends.
 */
final class TorchFile {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final int MAX_PICKLE = 64 << 20;
    private static final int MAX_TENSORS = 10_000;
    private static final int MAX_DEPTH = 64;
    private static final long MAX_BYTES = 8L << 30;
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
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = entry(zip, "extra/" + name);
            return entry == null
                    ? Optional.empty()
                    : Optional.of(
                            new String(
                                    read(zip, entry, 1 << 20),
                                    java.nio.charset.StandardCharsets.UTF_8));
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
            try (ZipFile zip = new ZipFile(file.toFile())) {
                if (entry(zip, "constants.pkl") != null) {
                    throw failure(
                            "NOT_A_STATE_DICT",
                            file + " is a TorchScript module already, no state dict",
                            null);
                }
                return tensors(dictionary(unpickle(zip, false)));
            }
        }
        return barePickle();
    }

    private Map<String, Tensor> module() throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Map<String, Object> flat = new LinkedHashMap<>();
            flatten((ModuleObject) unpickle(zip, true), "", 0, flat);
            return tensors(flat);
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

    private static Object unpickle(ZipFile zip, boolean modules) throws IOException {
        ZipEntry pickle = entry(zip, "data.pkl");
        if (pickle == null) {
            throw new IOException("it is a zip file without data.pkl");
        }
        ZipEntry order = entry(zip, "byteorder");
        if (order != null
                && !new String(read(zip, order, 16), java.nio.charset.StandardCharsets.UTF_8)
                        .startsWith("little")) {
            throw new IOException("its numbers are not little-endian");
        }
        StoredTensor.Source source =
                storage -> {
                    ZipEntry entry = entry(zip, "data/" + storage.key());
                    if (entry == null) {
                        throw new IOException("it lacks the entry data/" + storage.key());
                    }
                    return ByteBuffer.wrap(read(zip, entry, storage.bytes()))
                            .order(ByteOrder.LITTLE_ENDIAN);
                };
        byte[] bytes = read(zip, pickle, MAX_PICKLE);
        return new RestrictedUnpickler(modules, source).load(new ByteArrayInputStream(bytes));
    }

    /** The entry below the archive's one top folder. */
    private static @Nullable ZipEntry entry(ZipFile zip, String name) {
        // The first entry's folder is the archive's; names with other folders are not PyTorch's.
        return zip.stream()
                .findFirst()
                .map(first -> first.getName().indexOf('/'))
                .filter(slash -> slash > 0)
                .map(slash -> zip.entries().nextElement().getName().substring(0, slash + 1))
                .map(top -> zip.getEntry(top + name))
                .orElse(null);
    }

    private static byte[] read(ZipFile zip, ZipEntry entry, int limit) throws IOException {
        if (entry.getSize() > limit) {
            throw new IOException(
                    "its entry %s has %d bytes, expected at most %d"
                            .formatted(entry.getName(), entry.getSize(), limit));
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readNBytes(limit);
        }
    }

    /** The format before PyTorch 1.6: five pickles, then the storages one after another. */
    private Map<String, Tensor> barePickle() throws IOException {
        try (FileChannel channel = FileChannel.open(file);
                CountingInput in = new CountingInput(Files.newInputStream(file))) {
            Map<String, Long> positions = new HashMap<>();
            StoredTensor.Source source = storage -> read(channel, storage, positions);
            RestrictedUnpickler unpickler = new RestrictedUnpickler(false, source);
            if (in.peek() != 0x80 || !MAGIC.equals(unpickler.load(in.limited(MAX_PICKLE)))) {
                throw new IOException(
                        "it is neither a zip file nor a pickle written by torch.save");
            }
            unpickler.load(in.limited(MAX_PICKLE));
            unpickler.load(in.limited(MAX_PICKLE));
            Map<?, ?> dictionary = dictionary(unpickler.load(in.limited(MAX_PICKLE)));
            List<?> keys = (List<?>) unpickler.load(in.limited(MAX_PICKLE));
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
            return tensors(dictionary);
        }
    }

    private static ByteBuffer read(
            FileChannel channel, Storage storage, Map<String, Long> positions) throws IOException {
        Long position = positions.get(storage.key());
        if (position == null || position + storage.bytes() > channel.size()) {
            throw new IOException("it ends before storage " + storage.key());
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, position, storage.bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Map<?, ?> dictionary(Object read) throws IOException {
        if (read instanceof Map<?, ?> map) {
            return map;
        }
        throw new IOException("expected a dictionary of tensors, found another object");
    }

    private static void flatten(
            ModuleObject module, String prefix, int depth, Map<String, Object> flat)
            throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("its modules are nested too deeply");
        }
        for (Map.Entry<String, Object> each : module.attributes().entrySet()) {
            if (each.getValue() instanceof ModuleObject child) {
                flatten(child, prefix + each.getKey() + ".", depth + 1, flat);
            } else if (each.getValue() instanceof StoredTensor tensor) {
                flat.put(prefix + each.getKey(), tensor);
            }
        }
    }

    private static Map<String, Tensor> tensors(Map<?, ?> dictionary) throws IOException {
        if (dictionary.size() > MAX_TENSORS) {
            throw new IOException("it has more than %d tensors".formatted(MAX_TENSORS));
        }
        boolean prefixed =
                !dictionary.isEmpty()
                        && dictionary.keySet().stream()
                                .allMatch(key -> key.toString().startsWith(DATA_PARALLEL));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<?, ?> each : dictionary.entrySet()) {
            String key = (String) each.getKey();
            if (!(each.getValue() instanceof StoredTensor stored)) {
                throw new IOException(
                        "expected a tensor under %s, found another object".formatted(key));
            }
            Tensor tensor = stored.read();
            bytes += 4L * tensor.floats().length;
            if (bytes > MAX_BYTES) {
                throw new IOException("it has more than %d bytes of tensors".formatted(MAX_BYTES));
            }
            tensors.put(prefixed ? key.substring(DATA_PARALLEL.length()) : key, tensor);
        }
        return tensors;
    }
}
