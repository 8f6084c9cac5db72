package io.pix2pix.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * An array from a {@code .npy} file or out of an {@code .npz}: NumPy format version 1 or 2,
 * little-endian float32 or float64, C order.
 */
public record NumpyArray(int[] shape, float[] values) {
    private static final Pattern HEADER =
            Pattern.compile(
                    "'descr': '<f([48])', 'fortran_order': False, 'shape': \\(([0-9, ]*)\\)");

    /**
     * Reads a file.
     *
     * @param array the array's name in an {@code .npz}; null when there is only one
     */
    public static NumpyArray read(Path file, @Nullable String array) {
        try {
            if (!file.toString().endsWith(".npz")) {
                try (InputStream in = Files.newInputStream(file)) {
                    return read(in);
                }
            }
            try (ZipFile zip = new ZipFile(file.toFile())) {
                ZipEntry entry =
                        array == null ? zip.entries().nextElement() : zip.getEntry(array + ".npy");
                try (InputStream in = zip.getInputStream(entry)) {
                    return read(in);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to read " + file, e);
        }
    }

    private static NumpyArray read(InputStream stream) throws IOException {
        DataInputStream in = new DataInputStream(stream);
        in.skipNBytes(6);
        int version = in.readUnsignedShort() >> 8;
        int length = Short.toUnsignedInt(Short.reverseBytes(in.readShort()));
        if (version > 1) {
            in.skipNBytes(2);
        }
        String header = new String(in.readNBytes(length), StandardCharsets.US_ASCII);
        Matcher matcher = HEADER.matcher(header);
        if (!matcher.find()) {
            throw new IOException("Unexpected header: " + header);
        }
        int[] shape =
                Arrays.stream(matcher.group(2).split(",", -1))
                        .map(String::strip)
                        .filter(size -> !size.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
        ByteBuffer data = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        boolean wide = matcher.group(1).equals("8");
        float[] values = new float[data.remaining() / (wide ? 8 : 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = wide ? (float) data.getDouble() : data.getFloat();
        }
        return new NumpyArray(shape, values);
    }
}
