package io.pix2pix.engine;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that numbers pass through on their way to the device, used again and again: on the CPU an
 * array is this memory, so it is good until the next {@link #put}.
 */
final class HostBuffer {
    private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

    /** An array of {@code scope} with these values in row-major order. */
    PtNDArray put(PtNDManager scope, float[] values, Shape shape, DataType type) {
        boolean wide = type == DataType.FLOAT64;
        int length = Math.multiplyExact(values.length, wide ? Double.BYTES : Float.BYTES);
        if (bytes.capacity() < length) {
            bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
        }
        ByteBuffer target = bytes.clear().limit(length);
        if (wide) {
            for (float value : values) {
                target.putDouble(value);
            }
            target.flip();
        } else {
            target.asFloatBuffer().put(values);
        }
        return scope.create(target, shape, type);
    }
}
