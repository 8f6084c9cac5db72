package io.pix2pix.torchscript;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The few opcodes of pickle protocol 2 that a TorchScript archive's {@code data.pkl} needs. */
final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PickleWriter() {
        out.write(0x80);
        out.write(2);
    }

    /** Starts an object of a class; ends with {@link #endObject()}. */
    void beginObject(String module, String name) {
        global(module, name);
        out.write(')');
        out.write(0x81);
        out.write('}');
        out.write('(');
    }

    void endObject() {
        out.write('u');
        out.write('b');
    }

    void string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        int32(bytes.length);
        out.writeBytes(bytes);
    }

    void bool(boolean value) {
        out.write(value ? 0x88 : 0x89);
    }

    void integer(int value) {
        out.write('J');
        int32(value);
    }

    /** A contiguous tensor over the storage {@code key}. */
    void tensor(String storageClass, String key, int elements, int[] shape, boolean parameter) {
        global("torch._utils", "_rebuild_tensor_v2");
        out.write('(');
        out.write('(');
        string("storage");
        global("torch", storageClass);
        string(key);
        string("cpu");
        integer(elements);
        out.write('t');
        out.write('Q');
        integer(0);
        tuple(shape);
        tuple(contiguousStrides(shape));
        bool(parameter);
        global("collections", "OrderedDict");
        out.write(')');
        out.write('R');
        out.write('t');
        out.write('R');
    }

    byte[] end() {
        out.write('.');
        return out.toByteArray();
    }

    private void tuple(int[] values) {
        out.write('(');
        for (int value : values) {
            integer(value);
        }
        out.write('t');
    }

    private static int[] contiguousStrides(int[] shape) {
        int[] strides = new int[shape.length];
        int stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private void global(String module, String name) {
        out.write('c');
        out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void int32(int value) {
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }
}
