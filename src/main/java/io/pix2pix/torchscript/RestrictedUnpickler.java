package io.pix2pix.torchscript;

import io.pix2pix.torchscript.StoredTensor.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;

/**
 * Reads a pickle that holds tensors, dictionaries, lists, numbers and text, and nothing else: a
 * hostile pickle calls whatever it names, and here a name outside a short list is refused ({@link
 * BoundedUnpickler.RefusedException}).
 */
final class RestrictedUnpickler extends BoundedUnpickler {
    private static final int MAX_STRING = 1 << 16;
    private static final String MODULES = "__torch__.";

    private final boolean modules;
    private final StoredTensor.Source source;
    private final Map<String, Storage> storages = new HashMap<>();

    /**
     * @param modules whether objects of TorchScript classes ({@code __torch__...}) may occur
     * @param source gives the bytes of the storages that the pickle names
     */
    RestrictedUnpickler(boolean modules, StoredTensor.Source source) {
        super(MAX_STRING);
        this.modules = modules;
        this.source = source;
    }

    /** An object of a TorchScript class: attributes by name, in order. */
    record ModuleObject(Map<String, Object> attributes) {}

    /** The storages that were named, by key. */
    Map<String, Storage> storages() {
        return storages;
    }

    /** Only text: hashing a collection that holds itself would not end. */
    @Override
    Object key(Object key) {
        return (String) key;
    }

    @Override
    void build(Object target, Object state) {
        if (target instanceof ModuleObject module && state instanceof Map<?, ?> attributes) {
            step(attributes.size());
            attributes.forEach((name, value) -> module.attributes().put((String) name, value));
        } else if (!(target instanceof Map<?, ?> && state instanceof Map<?, ?>)) {
            // An ordered dictionary's state is PyTorch's _metadata, of no use here.
            throw new RefusedException("an object with a state of its own");
        }
    }

    @Override
    Object named(String module, String name) {
        String full = module + "." + name;
        return switch (full) {
            case "collections.OrderedDict" -> (IObjectConstructor) this::dictionary;
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
                    (IObjectConstructor) RestrictedUnpickler::tensor;
            case "torch._utils._rebuild_parameter" -> (IObjectConstructor) args -> args[0];
            case "torch.Size" -> (IObjectConstructor) args -> args[0];
            default -> {
                if (module.equals("torch") && StorageType.named(name).isPresent()) {
                    yield StorageType.named(name).get();
                }
                if (modules && full.startsWith(MODULES)) {
                    yield (IObjectConstructor) args -> new ModuleObject(new LinkedHashMap<>());
                }
                throw new RefusedException(full);
            }
        };
    }

    private Object dictionary(Object[] args) {
        Map<String, Object> dictionary = new LinkedHashMap<>();
        if (args.length > 0) {
            List<?> pairs = (ArrayList<?>) args[0];
            step(pairs.size());
            for (Object pair : pairs) {
                Object key = pair instanceof List<?> list ? list.get(0) : ((Object[]) pair)[0];
                Object value = pair instanceof List<?> list ? list.get(1) : ((Object[]) pair)[1];
                dictionary.put((String) key, value);
            }
        }
        return dictionary;
    }

    private static Object tensor(Object[] args) {
        View view = (View) args[0];
        long offset = Math.addExact(view.offset, ((Number) args[1]).longValue());
        return new StoredTensor(view.storage, offset, longs(args[2]), longs(args[3]));
    }

    private static long[] longs(Object tuple) {
        Object[] numbers = (Object[]) tuple;
        if (numbers.length > StoredTensor.MAX_DIMENSIONS) {
            throw new IllegalArgumentException(
                    "A tensor of %d dimensions".formatted(numbers.length));
        }
        return Arrays.stream(numbers).mapToLong(n -> ((Number) n).longValue()).toArray();
    }

    /** A storage, or a part of one as the bare pickle format may have it. */
    private record View(Storage storage, long offset) {}

    @Override
    protected Object persistentLoad(Object id) {
        Object[] parts = (Object[]) id;
        if (!"storage".equals(parts[0])) {
            // Not what it is: text of collections within collections may be without end.
            throw new RefusedException("something stored that is no tensor");
        }
        StorageType type = (StorageType) parts[1];
        String key = (String) parts[2];
        long elements = ((Number) parts[4]).longValue();
        Storage storage =
                storages.computeIfAbsent(key, k -> new Storage(type, k, elements, source));
        if (storage.type() != type) {
            throw new IllegalArgumentException("Storage " + key + " has two types");
        }
        boolean part = parts.length > 5 && parts[5] instanceof Object[];
        long offset = part ? ((Number) ((Object[]) parts[5])[1]).longValue() : 0;
        return new View(storage, offset);
    }
}
