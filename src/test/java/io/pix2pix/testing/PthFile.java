package io.pix2pix.testing;

import io.pix2pix.network.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes state dicts byte by byte as {@code torch.save} does, in both of its formats. */
public final class PthFile {
    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    private final List<byte[]> storages = new ArrayList<>();
    private final boolean wide;
    private final boolean transposed;

    private PthFile(boolean wide, boolean transposed) {
        this.wide = wide;
        this.transposed = transposed;
    }

    /** The zip format of PyTorch 1.6 and later. */
    public static void writeZip(Path file, Map<String, Tensor> state) {
        writeZip(file, state, false, false);
    }

    /**
     * The zip format.
     *
     * @param wide numbers as float64
     * @param transposed matrices and kernels with their first two dimensions' strides exchanged
     */
    public static void writeZip(
            Path file, Map<String, Tensor> state, boolean wide, boolean transposed) {
        PthFile pth = new PthFile(wide, transposed);
        pth.dictionary(state);
        writeZip(file, pth.pickle.toByteArray(), pth.storages);
    }

    /** A zip around any pickle. */
    public static void writeZip(Path file, byte[] pickle, List<byte[]> storages) {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            put(zip, "archive/data.pkl", pickle);
            for (int i = 0; i < storages.size(); i++) {
                put(zip, "archive/data/" + i, storages.get(i));
            }
            put(zip, "archive/version", "3\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }

    /** The bare pickle format of PyTorch before 1.6. */
    public static void writeBare(Path file, Map<String, Tensor> state) {
        PthFile pth = new PthFile(false, false);
        pth.dictionary(state);
        byte[] dictionary = pth.pickle.toByteArray();
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(0x80);
            out.write(2);
            out.write(0x8A);
            out.write(10);
            // 0x1950a86a20f9469cfc6c, little-endian
            out.write(new byte[] {0x6C, (byte) 0xFC, (byte) 0x9C, 0x46, (byte) 0xF9, 0x20});
            out.write(new byte[] {0x6A, (byte) 0xA8, 0x50, 0x19, '.'});
            out.write(new byte[] {(byte) 0x80, 2, 'M', (byte) 0xE9, 3, '.'});
            out.write(new byte[] {(byte) 0x80, 2, '}', '.'});
            out.write(dictionary);
            pth.pickle.reset();
            pth.bytes(0x80, 2, ']', '(');
            for (int i = 0; i < pth.storages.size(); i++) {
                pth.text(String.valueOf(i));
            }
            pth.bytes('e', '.');
            out.write(pth.pickle.toByteArray());
            for (byte[] storage : pth.storages) {
                boolean count = storage.length == 8;
                int elements = count ? 1 : storage.length / 4;
                out.write(little(8).putLong(elements).array());
                out.write(storage);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void dictionary(Map<String, Tensor> state) {
        bytes(0x80, 2);
        global("collections", "OrderedDict");
        bytes(')', 'R', '(');
        state.forEach(
                (key, tensor) -> {
                    text(key);
                    tensor(tensor);
                });
        // PyTorch attaches the modules' versions to the dictionary.
        bytes('u', '}');
        text("_metadata");
        global("collections", "OrderedDict");
        bytes(')', 'R', 's', 'b', '.');
    }

    private void tensor(Tensor tensor) {
        int[] shape = tensor.shape();
        boolean swap = transposed && shape.length > 1;
        int elements = tensor.isCount() ? 1 : tensor.floats().length;
        int size = tensor.isCount() || wide ? 8 : 4;
        int[] strides = strides(shape, swap);
        byte[] storage = new byte[size * elements];
        ByteBuffer data = ByteBuffer.wrap(storage).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            int at = swap ? position(i, shape, strides) : i;
            if (tensor.isCount()) {
                data.putLong(tensor.count());
            } else if (wide) {
                data.putDouble(size * at, tensor.floats()[i]);
            } else {
                data.putFloat(size * at, tensor.floats()[i]);
            }
        }
        global("torch._utils", "_rebuild_tensor_v2");
        bytes('(', '(');
        text("storage");
        global("torch", tensor.isCount() ? "LongStorage" : wide ? "DoubleStorage" : "FloatStorage");
        text(String.valueOf(storages.size()));
        text("cuda:0");
        integer(elements);
        bytes('N', 't', 'Q');
        integer(0);
        tuple(shape);
        tuple(strides);
        bytes(0x89);
        global("collections", "OrderedDict");
        bytes(')', 'R', 't', 'R');
        storages.add(storage);
    }

    private static int[] strides(int[] shape, boolean swap) {
        int[] order = new int[shape.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        if (swap) {
            order[0] = 1;
            order[1] = 0;
        }
        int[] strides = new int[shape.length];
        int stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[order[i]] = stride;
            stride *= shape[order[i]];
        }
        return strides;
    }

    private static int position(int index, int[] shape, int[] strides) {
        int rest = index;
        int position = 0;
        for (int i = shape.length - 1; i >= 0; i--) {
            position += rest % shape[i] * strides[i];
            rest /= shape[i];
        }
        return position;
    }

    private void bytes(int... values) {
        for (int value : values) {
            pickle.write(value);
        }
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        pickle.write('X');
        pickle.writeBytes(little(4).putInt(utf8.length).array());
        pickle.writeBytes(utf8);
    }

    private void integer(int value) {
        pickle.write('J');
        pickle.writeBytes(little(4).putInt(value).array());
    }

    private void tuple(int[] values) {
        pickle.write('(');
        for (int value : values) {
            integer(value);
        }
        pickle.write('t');
    }

    private void global(String module, String name) {
        pickle.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
