package io.pix2pix.torchscript;

import java.nio.ByteBuffer;
import java.util.Optional;

/** How the numbers of a stored tensor are written, by PyTorch's class names; little-endian. */
enum StorageType {
    FLOAT("FloatStorage", 4),
    DOUBLE("DoubleStorage", 8),
    HALF("HalfStorage", 2),
    BFLOAT16("BFloat16Storage", 2),
    LONG("LongStorage", 8),
    INT("IntStorage", 4);

    private final String className;
    private final int bytes;

    StorageType(String className, int bytes) {
        this.className = className;
        this.bytes = bytes;
    }

    static Optional<StorageType> named(String className) {
        for (StorageType type : values()) {
            if (type.className.equals(className)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Bytes a number. */
    int bytes() {
        return bytes;
    }

    boolean isInteger() {
        return this == LONG || this == INT;
    }

    /** The number at {@code index}, rounded to float32. */
    float floatAt(ByteBuffer data, int index) {
        return switch (this) {
            case FLOAT -> data.getFloat(4 * index);
            case DOUBLE -> (float) data.getDouble(8 * index);
            case HALF -> halfToFloat(data.getShort(2 * index));
            case BFLOAT16 -> Float.intBitsToFloat(data.getShort(2 * index) << 16);
            case LONG, INT -> longAt(data, index);
        };
    }

    /** The whole number at {@code index}. */
    long longAt(ByteBuffer data, int index) {
        return switch (this) {
            case LONG -> data.getLong(8 * index);
            case INT -> data.getInt(4 * index);
            case FLOAT, DOUBLE, HALF, BFLOAT16 -> (long) floatAt(data, index);
        };
    }

    /** IEEE 754 binary16; the JDK has this from version 20 on. */
    private static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 0x1F;
        int mantissa = half & 0x3FF;
        if (exponent == 0) {
            float subnormal = mantissa * 0x1p-24f;
            return sign == 0 ? subnormal : -subnormal;
        }
        int bits = exponent == 31 ? 0x7F800000 : (exponent + 112) << 23;
        return Float.intBitsToFloat(sign | bits | mantissa << 13);
    }
}
