package io.pix2pix.torchscript;

import io.pix2pix.network.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A tensor as a pickle describes it: a view into a storage whose bytes are read when they are
 * wanted.
 *
 * @param offset first element in the storage
 * @param stride elements between neighbours, per dimension; any order of dimensions, 0 repeats
 */
record StoredTensor(Storage storage, long offset, long[] shape, long[] stride) {
    static final int MAX_DIMENSIONS = 8;

    StoredTensor {
        if (shape.length > MAX_DIMENSIONS || shape.length != stride.length) {
            throw new IllegalArgumentException(
                    "A tensor of shape %s and strides %s"
                            .formatted(Arrays.toString(shape), Arrays.toString(stride)));
        }
        long last = offset;
        long count = 1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 1 || stride[i] < 0) {
                throw new IllegalArgumentException(
                        "A tensor of shape %s and strides %s"
                                .formatted(Arrays.toString(shape), Arrays.toString(stride)));
            }
            last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, stride[i]));
            count = Math.multiplyExact(count, shape[i]);
        }
        if (offset < 0 || last >= storage.elements() || count > storage.elements()) {
            throw new IllegalArgumentException(
                    "A tensor of shape %s does not fit its storage of %d numbers"
                            .formatted(Arrays.toString(shape), storage.elements()));
        }
    }

    /** Where a storage's bytes come from. */
    interface Source {
        ByteBuffer read(Storage storage) throws IOException;
    }

    /** A run of numbers in a file. */
    record Storage(StorageType type, String key, long elements, Source source) {
        Storage {
            if (elements < 0 || elements > (Integer.MAX_VALUE - 8) / type.bytes()) {
                throw new IllegalArgumentException("A storage of " + elements + " numbers");
            }
        }

        int bytes() {
            return (int) elements * type.bytes();
        }
    }

    /** Bytes that {@link #read} takes for its result. */
    long bytes() {
        return Float.BYTES * Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /** The tensor in row-major order as float32; a 0-d integer becomes a count. */
    Tensor read() throws IOException {
        ByteBuffer data = storage.source().read(storage);
        if (data.remaining() < storage.bytes()) {
            throw new IOException(
                    "Storage %s has %d bytes, expected %d"
                            .formatted(storage.key(), data.remaining(), storage.bytes()));
        }
        StorageType type = storage.type();
        if (shape.length == 0 && type.isInteger()) {
            return Tensor.count(type.longAt(data, (int) offset));
        }
        int[] sizes = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
        int count = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
        float[] values = new float[count];
        if (type == StorageType.FLOAT && isContiguous()) {
            data.asFloatBuffer().get((int) offset, values);
        } else {
            int[] position = new int[sizes.length];
            long at = offset;
            for (int i = 0; i < count; i++) {
                values[i] = type.floatAt(data, (int) at);
                at = next(position, sizes, at);
            }
        }
        return Tensor.of(values, sizes);
    }

    private boolean isContiguous() {
        long expected = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && stride[i] != expected) {
                return false;
            }
            expected *= shape[i];
        }
        return true;
    }

    /** Steps to the next element in row-major order; returns where it lies in the storage. */
    private long next(int[] position, int[] sizes, long at) {
        long moved = at;
        for (int d = sizes.length - 1; d >= 0; d--) {
            moved += stride[d];
            position[d]++;
            if (position[d] < sizes[d]) {
                return moved;
            }
            moved -= stride[d] * sizes[d];
            position[d] = 0;
        }
        return moved;
    }
}
