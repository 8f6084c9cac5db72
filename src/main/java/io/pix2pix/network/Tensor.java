package io.pix2pix.network;

import java.util.Arrays;
import java.util.List;

/**
 * A named value of a state dict: float32 numbers, or the one int64 that counts batches.
 *
 * <p>The array is not copied; whoever makes a tensor gives it away and readers leave it as it is.
 */
public final class Tensor {
    private static final float[] NO_FLOATS = {};

    private final int[] shape;
    private final float[] floats;
    private final boolean integer;
    private final long count;

    private Tensor(int[] shape, float[] floats, boolean integer, long count) {
        this.shape = shape.clone();
        this.floats = floats;
        this.integer = integer;
        this.count = count;
    }

    /** Float32 values in row-major order. */
    public static Tensor of(float[] values, int... shape) {
        long expected = 1;
        for (int n : shape) {
            expected *= n;
        }
        if (expected != values.length) {
            throw new IllegalArgumentException(
                    "Shape %s needs %d values, found %d"
                            .formatted(Arrays.toString(shape), expected, values.length));
        }
        return new Tensor(shape, values, false, 0);
    }

    /** A 0-d int64, as {@code num_batches_tracked} is. */
    public static Tensor count(long value) {
        return new Tensor(new int[0], NO_FLOATS, true, value);
    }

    public int[] shape() {
        return shape.clone();
    }

    /** The length of one dimension. */
    public int size(int dimension) {
        return shape[dimension];
    }

    public boolean hasShape(List<Integer> expected) {
        return Arrays.stream(shape).boxed().toList().equals(expected);
    }

    /** Whether this is a 0-d int64; {@link #floats()} is empty then. */
    public boolean isCount() {
        return integer;
    }

    /** The int64 of a {@link #count(long)}. */
    public long count() {
        return count;
    }

    /** The values in row-major order. */
    public float[] floats() {
        return floats;
    }

    @Override
    public String toString() {
        return integer ? "int64 " + count : "float32 " + Arrays.toString(shape);
    }
}
