package io.pix2pix.torchscript;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tensors by name in one file, in the safetensors format (huggingface/safetensors, README,
 * "Format"): the header's length as a little-endian int64, the header as JSON, the tensors' bytes.
 *
 * <p>The int64 numbers come first and then the float32 tensors, each in the order given, and the
 * header is padded with spaces to a multiple of 8: so every tensor is aligned to its numbers' size,
 * as the format's own library lays it out. Equal content gives equal bytes.
 *
 * <p>Tensors stream through a buffer of a megabyte; nothing is held twice.
 */
public final class Safetensors {
    static final String METADATA = "__metadata__";
    static final String FLOAT = "F32";
    static final String LONG = "I64";

    private static final int ALIGNMENT = 8;
    private static final int BUFFER = 1 << 20;
    private static final JsonFactory JSON = new JsonFactory();

    private Safetensors() {}

    /** Writes the tensors; the stream stays open. */
    public static void write(OutputStream out, Map<String, Tensor> tensors) throws IOException {
        List<Map.Entry<String, Tensor>> ordered =
                Stream.concat(
                                tensors.entrySet().stream().filter(e -> e.getValue().isCount()),
                                tensors.entrySet().stream().filter(e -> !e.getValue().isCount()))
                        .toList();
        byte[] header = header(ordered);
        byte[] chunk = new byte[BUFFER];
        write(out, Tensor.count(header.length), chunk);
        out.write(header);
        for (Map.Entry<String, Tensor> each : ordered) {
            write(out, each.getValue(), chunk);
        }
    }

    private static byte[] header(List<Map.Entry<String, Tensor>> tensors) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(header)) {
            json.writeStartObject();
            long offset = 0;
            for (Map.Entry<String, Tensor> each : tensors) {
                Tensor tensor = each.getValue();
                if (each.getKey().equals(METADATA)) {
                    throw new IllegalArgumentException("No tensor can be named " + METADATA);
                }
                long end = offset + bytes(tensor);
                json.writeObjectFieldStart(each.getKey());
                json.writeStringField("dtype", tensor.isCount() ? LONG : FLOAT);
                json.writeFieldName("shape");
                int[] shape = tensor.shape();
                json.writeArray(shape, 0, shape.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, end}, 0, 2);
                json.writeEndObject();
                offset = end;
            }
            json.writeEndObject();
        }
        while (header.size() % ALIGNMENT != 0) {
            header.write(' ');
        }
        return header.toByteArray();
    }

    private static long bytes(Tensor tensor) {
        return tensor.isCount() ? Long.BYTES : (long) Float.BYTES * tensor.floats().length;
    }

    private static void write(OutputStream out, Tensor tensor, byte[] chunk) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.isCount()) {
            buffer.putLong(tensor.count());
            out.write(chunk, 0, Long.BYTES);
            return;
        }
        float[] values = tensor.floats();
        int most = chunk.length / Float.BYTES;
        for (int from = 0; from < values.length; from += most) {
            int count = Math.min(most, values.length - from);
            buffer.asFloatBuffer().put(values, from, count);
            out.write(chunk, 0, count * Float.BYTES);
        }
    }

    /**
     * Reads a file of float32 tensors and 0-d int64 numbers, ours or another's.
     *
     * @return the tensors in the header's order
     * @throws FailureException stage MODEL, permanent: BAD_SAFETENSORS names the file, the tensor,
     *     what was expected and found; UNREADABLE: the disk
     */
    public static Map<String, Tensor> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            SafetensorsHeader header = SafetensorsHeader.read(channel);
            int room = (int) Math.min(BUFFER, channel.size() + Long.BYTES);
            ByteBuffer buffer = ByteBuffer.allocateDirect(room).order(ByteOrder.LITTLE_ENDIAN);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Entry entry : header.entries()) {
                tensors.put(entry.name(), read(channel, entry, buffer));
            }
            return tensors;
        } catch (SafetensorsHeader.MalformedException e) {
            throw failure(
                    "BAD_SAFETENSORS",
                    "%s is no safetensors file that can be read: %s".formatted(file, text(e)),
                    e);
        } catch (IOException e) {
            throw failure("UNREADABLE", "Failed to read %s: %s".formatted(file, e), e);
        }
    }

    private static Tensor read(
            FileChannel channel, SafetensorsHeader.Entry entry, ByteBuffer buffer)
            throws IOException {
        if (entry.integer()) {
            fill(channel, entry.position(), buffer.clear().limit(Long.BYTES));
            return Tensor.count(buffer.getLong(0));
        }
        float[] values = new float[entry.elements()];
        int chunk = BUFFER / Float.BYTES;
        for (int from = 0; from < values.length; from += chunk) {
            int count = Math.min(chunk, values.length - from);
            long position = entry.position() + (long) Float.BYTES * from;
            fill(channel, position, buffer.clear().limit(count * Float.BYTES));
            buffer.flip().asFloatBuffer().get(values, from, count);
        }
        return Tensor.of(values, entry.shape());
    }

    /** Reads until the buffer is full. */
    static void fill(FileChannel channel, long position, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("it was cut short while it was being read");
            }
        }
    }

    private static String text(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static FailureException failure(
            String code, String message, @Nullable Exception cause) {
        return new FailureException(Failure.permanent(Stage.MODEL, code, message), cause);
    }
}
