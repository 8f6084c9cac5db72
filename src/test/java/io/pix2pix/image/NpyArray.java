package io.pix2pix.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A NumPy array of little-endian float32 in C order, format version 1.0. */
record NpyArray(int[] shape, float[] values) {
    private static final Pattern SHAPE = Pattern.compile("'shape': \\(([\\d, ]*)\\)");
    private static final int HEADER_LENGTH_AT = 8;

    /** The arrays of an {@code .npz} file by name. */
    static Map<String, NpyArray> readAll(Path npz) throws IOException {
        Map<String, NpyArray> arrays = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(npz))) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                arrays.put(e.getName().replace(".npy", ""), parse(zip.readAllBytes()));
            }
        }
        return arrays;
    }

    private static NpyArray parse(byte[] file) {
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int start = HEADER_LENGTH_AT + 2 + buffer.getShort(HEADER_LENGTH_AT);
        String header = new String(file, 10, start - 10, StandardCharsets.US_ASCII);
        Matcher shape = SHAPE.matcher(header);
        if (!header.contains("'<f4'") || !shape.find()) {
            throw new IllegalArgumentException("Expected float32, found " + header);
        }
        float[] values = new float[(file.length - start) / Float.BYTES];
        buffer.position(start).asFloatBuffer().get(values);
        int[] sizes =
                Arrays.stream(shape.group(1).split(",\\s*", -1))
                        .filter(s -> !s.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
        return new NpyArray(sizes, values);
    }
}
