package io.pix2pix.torchscript;

import io.pix2pix.torchscript.StoredTensor.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads a pickle that holds tensors, dictionaries, lists, numbers and text, and nothing else.
 *
 * <p>A pickle is a program; a hostile one calls whatever it names. Here a name outside a short list
 * is refused ({@link RefusedException}), and so is every opcode that a state dict does not need, a
 * long string, and a pickle of too many steps. Whatever else is wrong with a pickle comes out as an
 * {@link IOException} or a {@link RuntimeException}.
 */
final class RestrictedUnpickler extends Unpickler {
    private static final int MAX_STEPS = 4_000_000;
    private static final int MAX_STRING = 1 << 16;
    private static final int MAX_LINE = 1 << 10;
    private static final String MODULES = "__torch__.";

    private static final Set<Short> OPCODES =
            Set.of(
                    Opcodes.MARK,
                    Opcodes.STOP,
                    Opcodes.POP,
                    Opcodes.NONE,
                    Opcodes.NEWTRUE,
                    Opcodes.NEWFALSE,
                    Opcodes.BININT,
                    Opcodes.BININT1,
                    Opcodes.BININT2,
                    Opcodes.LONG1,
                    Opcodes.BINFLOAT,
                    Opcodes.SHORT_BINSTRING,
                    Opcodes.SHORT_BINUNICODE,
                    Opcodes.EMPTY_LIST,
                    Opcodes.APPEND,
                    Opcodes.APPENDS,
                    Opcodes.EMPTY_TUPLE,
                    Opcodes.TUPLE,
                    Opcodes.TUPLE1,
                    Opcodes.TUPLE2,
                    Opcodes.TUPLE3,
                    Opcodes.BINGET,
                    Opcodes.LONG_BINGET,
                    Opcodes.BINPUT,
                    Opcodes.LONG_BINPUT,
                    Opcodes.MEMOIZE,
                    Opcodes.BINPERSID,
                    Opcodes.REDUCE,
                    Opcodes.NEWOBJ,
                    Opcodes.PROTO,
                    Opcodes.FRAME);

    private final boolean modules;
    private final StoredTensor.Source source;
    private final Map<String, Storage> storages = new HashMap<>();
    private int steps;

    /**
     * @param modules whether objects of TorchScript classes ({@code __torch__...}) may occur
     * @param source gives the bytes of the storages that the pickle names
     */
    RestrictedUnpickler(boolean modules, StoredTensor.Source source) {
        this.modules = modules;
        this.source = source;
    }

    /** The pickle names something that a state dict does not need. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String what) {
            super(what);
        }
    }

    /** An object of a TorchScript class: attributes by name, in order. */
    record ModuleObject(Map<String, Object> attributes) {}

    @Override
    public Object load(InputStream stream) throws IOException {
        steps = 0;
        return super.load(stream);
    }

    /** The storages that were named, by key. */
    Map<String, Storage> storages() {
        return storages;
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        if (++steps > MAX_STEPS) {
            throw new RefusedException("a pickle of more than " + MAX_STEPS + " steps");
        }
        switch (opcode) {
            case Opcodes.GLOBAL -> {
                String module = line();
                stack.add(allowed(module, line()));
            }
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                stack.add(allowed((String) stack.pop(), name));
            }
            case Opcodes.BINUNICODE, Opcodes.BINSTRING -> stack.add(string());
            case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<String, Object>());
            case Opcodes.SETITEM -> {
                Object value = stack.pop();
                put(List.of(stack.pop(), value));
            }
            case Opcodes.SETITEMS -> put(stack.pop_all_since_marker());
            case Opcodes.BUILD -> build();
            default -> {
                if (!OPCODES.contains(opcode)) {
                    throw new RefusedException("pickle opcode 0x" + Integer.toHexString(opcode));
                }
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = input.read(); c != '\n'; c = input.read()) {
            if (c < 0 || text.length() > MAX_LINE) {
                throw new IOException("A name in the pickle has no end");
            }
            text.append((char) c);
        }
        return text.toString();
    }

    private String string() throws IOException {
        int length = PickleUtils.bytes_to_integer(PickleUtils.readbytes(input, 4));
        if (length < 0 || length > MAX_STRING) {
            throw new RefusedException("a string of " + length + " bytes");
        }
        return new String(PickleUtils.readbytes(input, length), StandardCharsets.UTF_8);
    }

    private void put(List<Object> items) {
        @SuppressWarnings("unchecked")
        Map<Object, Object> target = (Map<Object, Object>) stack.peek();
        for (int i = 0; i < items.size(); i += 2) {
            // Only text: hashing a collection that holds itself would not end.
            target.put((String) items.get(i), items.get(i + 1));
        }
    }

    private void build() {
        Object state = stack.pop();
        Object target = stack.peek();
        if (target instanceof ModuleObject module && state instanceof Map<?, ?> attributes) {
            attributes.forEach((name, value) -> module.attributes().put((String) name, value));
        } else if (!(target instanceof Map<?, ?> && state instanceof Map<?, ?>)) {
            // An ordered dictionary's state is PyTorch's _metadata, of no use here.
            throw new RefusedException("an object with a state of its own");
        }
    }

    /** What a global name stands for: a constructor, or a storage's type. */
    private Object allowed(String module, String name) {
        String full = module + "." + name;
        return switch (full) {
            case "collections.OrderedDict" -> (IObjectConstructor) RestrictedUnpickler::dictionary;
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

    private static Object dictionary(Object[] args) {
        Map<String, Object> dictionary = new LinkedHashMap<>();
        if (args.length > 0) {
            for (Object pair : (ArrayList<?>) args[0]) {
                Object[] item = pair instanceof List<?> list ? list.toArray() : (Object[]) pair;
                dictionary.put((String) item[0], item[1]);
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
        return Arrays.stream((Object[]) tuple).mapToLong(n -> ((Number) n).longValue()).toArray();
    }

    /** A storage, or a part of one as the bare pickle format may have it. */
    private record View(Storage storage, long offset) {}

    @Override
    protected Object persistentLoad(Object id) {
        Object[] parts = (Object[]) id;
        if (!"storage".equals(parts[0])) {
            throw new RefusedException("a stored " + parts[0]);
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
