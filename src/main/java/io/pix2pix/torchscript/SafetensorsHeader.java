package io.pix2pix.torchscript;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a safetensors file says of its tensors, checked before anything is read or allocated: the
 * tensors fill the file from the header to its end, without holes and without overlap, so that no
 * file makes us take more memory than its own size.
 *
 * @param entries in the header's order
 */
record SafetensorsHeader(List<Entry> entries) {
    /** The format's own library takes 100 MB; a full-size checkpoint's header has 60 kB. */
    private static final int MAX_HEADER = 8 << 20;

    private static final int MAX_TENSORS = 20_000;
    private static final int MAX_DIMENSIONS = 8;
    private static final int MAX_NAME = 1 << 12;

    /** A tensor of eight dimensions has 20. */
    private static final long MAX_TOKENS = 24L * MAX_TENSORS;

    private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

    private static final ObjectMapper JSON =
            new ObjectMapper(
                    JsonFactory.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .streamReadConstraints(
                                    StreamReadConstraints.builder()
                                            .maxNestingDepth(4)
                                            .maxNumberLength(20)
                                            .maxStringLength(1 << 20)
                                            .maxNameLength(MAX_NAME)
                                            .maxTokenCount(MAX_TOKENS)
                                            .build())
                            .build());

    /** A file that is not what it should be, in words that follow "cannot be read: ". */
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /**
     * One tensor.
     *
     * @param integer an int64 rather than float32 numbers
     * @param position of its first byte in the file
     * @param elements numbers in it
     */
    record Entry(String name, boolean integer, int[] shape, long position, int elements) {
        long end() {
            return position + (long) elements * (integer ? Long.BYTES : Float.BYTES);
        }
    }

    /** Reads and checks a header; moves nothing but the channel's own reading. */
    static SafetensorsHeader read(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < Long.BYTES + 2) {
            throw new MalformedException("it has %d bytes only".formatted(size));
        }
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Safetensors.fill(channel, 0, length);
        long bytes = length.getLong(0);
        if (bytes < 2 || bytes > Math.min(MAX_HEADER, size - Long.BYTES)) {
            throw new MalformedException(
                    "expected a header of at most %d bytes, found a length of %s"
                            .formatted(
                                    Math.min(MAX_HEADER, size - Long.BYTES),
                                    Long.toUnsignedString(bytes)));
        }
        ByteBuffer text = ByteBuffer.allocate((int) bytes);
        Safetensors.fill(channel, Long.BYTES, text);
        if (text.get(0) != '{') {
            throw new MalformedException("expected a header that begins with '{'");
        }
        return parse(text.array(), Long.BYTES + bytes, size);
    }

    private static SafetensorsHeader parse(byte[] json, long start, long size)
            throws MalformedException {
        JsonNode tree = tree(json);
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : tree.properties()) {
            if (!each.getKey().equals(Safetensors.METADATA)) {
                entries.add(entry(each.getKey(), each.getValue(), start));
            }
        }
        if (entries.size() > MAX_TENSORS) {
            throw new MalformedException(
                    "expected at most %d tensors, found %d".formatted(MAX_TENSORS, entries.size()));
        }
        requireGapless(entries, start, size);
        return new SafetensorsHeader(List.copyOf(entries));
    }

    private static JsonNode tree(byte[] json) throws MalformedException {
        try {
            return JSON.readTree(json);
        } catch (JsonParseException | JsonMappingException | StreamConstraintsException e) {
            throw new MalformedException("its header is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new MalformedException("its header is no JSON: " + e.getMessage());
        }
    }

    private static Entry entry(String name, JsonNode node, long start) throws MalformedException {
        boolean formed =
                node.isObject()
                        && node.size() == FIELDS.size()
                        && FIELDS.stream().allMatch(node::has);
        if (!formed) {
            throw wrong(name, "expected dtype, shape and data_offsets, found " + brief(node));
        }
        String dtype = node.get("dtype").asText();
        boolean integer = dtype.equals(Safetensors.LONG);
        if (!integer && !dtype.equals(Safetensors.FLOAT)) {
            throw wrong(name, "expected dtype F32 or I64, found " + brief(node.get("dtype")));
        }
        int[] shape = shape(name, node.get("shape"));
        if (integer && shape.length != 0) {
            throw wrong(name, "expected shape [] of an I64, found " + brief(node.get("shape")));
        }
        JsonNode offsets = node.get("data_offsets");
        boolean pair =
                offsets.isArray()
                        && offsets.size() == 2
                        && isOffset(offsets.get(0))
                        && isOffset(offsets.get(1));
        if (!pair) {
            throw wrong(name, "expected two data_offsets, found " + brief(offsets));
        }
        long elements = 1;
        for (int length : shape) {
            // Below 2^62: each factor is below 2^31, and the product is checked each time.
            elements *= length;
            if (elements > Integer.MAX_VALUE - 8) {
                throw wrong(name, "its shape %s is too large".formatted(brief(node.get("shape"))));
            }
        }
        long begin = offsets.get(0).longValue();
        long end = offsets.get(1).longValue();
        long bytes = elements * (integer ? Long.BYTES : Float.BYTES);
        if (end - begin != bytes) {
            throw wrong(
                    name,
                    "expected %d bytes for %s %s, found data_offsets %s"
                            .formatted(bytes, dtype, brief(node.get("shape")), brief(offsets)));
        }
        return new Entry(name, integer, shape, start + begin, (int) elements);
    }

    private static int[] shape(String name, JsonNode node) throws MalformedException {
        boolean formed = node.isArray() && node.size() <= MAX_DIMENSIONS;
        int[] shape = new int[formed ? node.size() : 0];
        for (int i = 0; formed && i < shape.length; i++) {
            JsonNode length = node.get(i);
            formed = length.isIntegralNumber() && length.canConvertToInt() && length.intValue() > 0;
            shape[i] = length.intValue();
        }
        if (!formed) {
            throw wrong(
                    name,
                    "expected a shape of at most %d positive numbers, found %s"
                            .formatted(MAX_DIMENSIONS, brief(node)));
        }
        return shape;
    }

    private static boolean isOffset(JsonNode node) {
        // Far below overflow, and no file is that large.
        return node.isIntegralNumber()
                && node.canConvertToLong()
                && node.longValue() >= 0
                && node.longValue() < 1L << 60;
    }

    private static void requireGapless(List<Entry> entries, long start, long size)
            throws MalformedException {
        Entry[] byPosition = entries.toArray(Entry[]::new);
        Arrays.sort(byPosition, Comparator.comparingLong(Entry::position));
        long end = start;
        for (Entry each : byPosition) {
            if (each.position() != end) {
                throw wrong(
                        each.name(),
                        "expected its bytes to begin at %d, behind those before it, found %d"
                                .formatted(end - start, each.position() - start));
            }
            end = each.end();
        }
        if (end != size) {
            throw new MalformedException(
                    "expected %d bytes by its header, found %d".formatted(end, size));
        }
    }

    private static MalformedException wrong(String name, String message) {
        return new MalformedException("tensor %s: %s".formatted(name, message));
    }

    /** A hostile header must not fill the log. */
    private static String brief(JsonNode node) {
        String text = node.toString();
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
