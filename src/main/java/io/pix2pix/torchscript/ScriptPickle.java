package io.pix2pix.torchscript;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;

/**
 * Reads the pickle of a TorchScript archive, whatever its classes, to see that its tensors lie
 * inside their storages: PyTorch does not look, and would read beside them.
 *
 * <p>Nothing of it is run, so every name may occur; what PyTorch does not know it refuses itself.
 */
final class ScriptPickle extends BoundedUnpickler {
    private static final int MAX_STRING = 1 << 20;

    /** Bytes a number, by PyTorch's class names; of others a byte, which is the least. */
    private static final Map<String, Integer> NUMBER_BYTES =
            Map.of(
                    "DoubleStorage", 8,
                    "LongStorage", 8,
                    "ComplexFloatStorage", 8,
                    "ComplexDoubleStorage", 16,
                    "FloatStorage", 4,
                    "IntStorage", 4,
                    "QInt32Storage", 4,
                    "HalfStorage", 2,
                    "BFloat16Storage", 2,
                    "ShortStorage", 2);

    /** What there is of a storage. */
    interface Sizes {
        /**
         * @return bytes; -1 where there is no such storage
         */
        long of(String key) throws IOException;
    }

    /** An object that nothing is known of. */
    private static final class Unknown {}

    private record NumberType(int bytes) {}

    private record View(long elements) {}

    private final Sizes sizes;

    private ScriptPickle(Sizes sizes) {
        super(MAX_STRING);
        this.sizes = sizes;
    }

    /**
     * @throws IOException or a RuntimeException where the pickle is not what PyTorch writes
     */
    static void check(byte[] pickle, Sizes sizes) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(pickle);
        new ScriptPickle(sizes).load(in);
    }

    @Override
    Object key(Object key) {
        boolean plain = key instanceof String || key instanceof Number || key instanceof Boolean;
        return plain ? key : new Unknown();
    }

    @Override
    void build(Object target, Object state) {
        // Objects of any class have a state; it was looked at when it was made.
    }

    @Override
    Object named(String module, String name) {
        if (module.equals("torch") && name.endsWith("Storage")) {
            return new NumberType(NUMBER_BYTES.getOrDefault(name, 1));
        }
        if (module.equals("torch._utils") && name.startsWith("_rebuild_")) {
            boolean dense = name.equals("_rebuild_tensor_v2") || name.equals("_rebuild_tensor");
            boolean quantized = name.equals("_rebuild_qtensor");
            if (!dense && !quantized) {
                throw new RefusedException(module + "." + name);
            }
            return (IObjectConstructor) ScriptPickle::tensor;
        }
        return (IObjectConstructor)
                args -> args.length > 0 && args[0] instanceof List<?> list ? list : new Unknown();
    }

    private static Object tensor(Object[] args) {
        View view = (View) args[0];
        Object[] shape = (Object[]) args[2];
        Object[] stride = (Object[]) args[3];
        if (shape.length > 64 || shape.length != stride.length) {
            throw new IllegalArgumentException(
                    "A tensor of %d dimensions with %d strides"
                            .formatted(shape.length, stride.length));
        }
        long last = number(args[1]);
        boolean empty = false;
        for (int i = 0; i < shape.length; i++) {
            long length = number(shape[i]);
            empty |= length == 0;
            last =
                    Math.addExact(
                            last, Math.multiplyExact(Math.max(0, length - 1), number(stride[i])));
        }
        if (!empty && last >= view.elements) {
            throw new IllegalArgumentException(
                    "A tensor of shape %s does not fit its storage of %d numbers"
                            .formatted(Arrays.toString(numbers(shape)), view.elements));
        }
        return new Unknown();
    }

    private static long[] numbers(Object[] values) {
        return Arrays.stream(values).mapToLong(ScriptPickle::number).toArray();
    }

    private static long number(Object value) {
        long number = ((Number) value).longValue();
        if (number < 0) {
            throw new IllegalArgumentException("A tensor with the size " + number);
        }
        return number;
    }

    @Override
    protected Object persistentLoad(Object id) {
        Object[] parts = (Object[]) id;
        NumberType type = (NumberType) parts[1];
        String key = (String) parts[2];
        long elements = number(parts[4]);
        long bytes;
        try {
            bytes = sizes.of(key);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        if (elements > 0 && (bytes < 0 || elements > bytes / type.bytes())) {
            throw new IllegalArgumentException(
                    "Storage %s has %d bytes, too few for its %d numbers"
                            .formatted(key, Math.max(0, bytes), elements));
        }
        return new View(elements);
    }
}
