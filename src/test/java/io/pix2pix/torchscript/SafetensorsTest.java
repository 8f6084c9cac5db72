package io.pix2pix.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.failure.FailureException;
import io.pix2pix.network.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    private Path file = Path.of("");

    @BeforeEach
    void file(@TempDir Path folder) {
        file = folder.resolve("training.safetensors");
    }

    @Test
    void readsWhatItWroteToTheBit() throws IOException {
        float[] large = new float[700_001];
        Random random = new Random(1);
        for (int i = 0; i < large.length; i++) {
            large[i] = Float.intBitsToFloat(random.nextInt());
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("G.model.weight", Tensor.of(large, 700_001));
        tensors.put("G.model.num_batches_tracked", Tensor.count(Long.MIN_VALUE + 7));
        tensors.put("a name with \"quotes\", \\ and ü", Tensor.of(new float[] {1, -0f}, 1, 2, 1));
        tensors.put("G.step", Tensor.count(-1));
        tensors.put("one", Tensor.of(new float[] {3}));

        write(tensors);
        Map<String, Tensor> read = Safetensors.read(file);

        assertThat(read)
                .containsOnlyKeys(tensors.keySet())
                .allSatisfy(
                        (name, tensor) -> {
                            Tensor expected = tensors.get(name);
                            assertThat(tensor.isCount()).isEqualTo(expected.isCount());
                            assertThat(tensor.count()).isEqualTo(expected.count());
                            assertThat(tensor.shape()).isEqualTo(expected.shape());
                            assertThat(bits(tensor)).isEqualTo(bits(expected));
                        });
    }

    @Test
    void writesEqualContentAsEqualBytes() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("w", Tensor.of(new float[] {1.5f, -2}, 2, 1));
        tensors.put("n", Tensor.count(258));

        write(tensors);

        String header =
                "{\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                        + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[8,16]}}";
        int padded = (header.length() + 7) / 8 * 8;
        assertThat(Files.readAllBytes(file))
                .isEqualTo(
                        file(
                                padded,
                                header + " ".repeat(padded - header.length()),
                                HexFormat.of().parseHex("02010000000000000000c03f000000c0")));
    }

    @Test
    void takesTheOrderAndTheMetadataOfOthers() throws IOException {
        String header =
                "{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
                        + "\"a\":{\"data_offsets\":[0,4],\"dtype\":\"F32\",\"shape\":[]}}";
        put(header, HexFormat.of().parseHex("0000c03f000000c0"));

        Map<String, Tensor> read = Safetensors.read(file);

        assertThat(read.keySet()).containsExactly("b", "a");
        assertThat(read.get("a").floats()).containsExactly(1.5f);
        assertThat(read.get("b").floats()).containsExactly(-2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}} | tensor a: expected dtype F32 or I64, found "F16"
                    {"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}} | tensor a: expected shape [] of an I64
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}} | tensor a: expected 4 bytes
                    {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}} | tensor a: expected a shape
                    {"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}} | tensor a: expected a shape
                    {"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}} | tensor a: expected a shape
                    {"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}} | tensor a: expected a shape
                    {"a":{"dtype":"F32","shape":[65536,65536],"data_offsets":[0,17179869184]}} | tensor a: its shape [65536,65536] is too large
                    {"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}} | too large
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor a: expected its bytes to begin at 0
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}} | tensor a: expected two data_offsets
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775804,9223372036854775808]}} | tensor a: expected two data_offsets
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | bytes by its header, found
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor b: expected its bytes to begin at 8
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | Duplicate
                    {"a":{"dtype":"F32","shape":[1]}} | tensor a: expected dtype, shape and data_offsets
                    {"a":[[[[[[[[]]]]]]]]} | nesting depth
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4] | its header is no JSON
                    ["a"] | begins with '{'
                    """)
    void refusesWhatDoesNotFit(String header, String message) throws IOException {
        put(header, new byte[8]);

        assertRefused(message);
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "9", "9223372036854775807", "-1", "8388609"})
    void refusesHeaderLengthsBeforeTakingMemory(long length) throws IOException {
        Files.write(file, file(length, "{}", new byte[0]));

        assertRefused("expected a header of at most 2 bytes, found a length of");
    }

    @Test
    void refusesFilesThatAreNone() throws IOException {
        Files.write(file, new byte[3]);

        assertRefused("it has 3 bytes only");
    }

    @Test
    void refusesMoreTensorsThanAnyNetworkHas() throws IOException {
        String header =
                IntStream.range(0, 20_001)
                        .mapToObj(
                                i ->
                                        "\"%d\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}"
                                                .formatted(i, 4 * i, 4 * i + 4))
                        .collect(Collectors.joining(",", "{", "}"));
        put(header, new byte[4 * 20_001]);

        assertRefused("expected at most 20000 tensors");
    }

    @Test
    void saysThatThereIsNoFile() {
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(file.toString());
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> assertThat(e.failure().code()).isEqualTo("BAD_SAFETENSORS"))
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    private void write(Map<String, Tensor> tensors) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Safetensors.write(out, tensors);
        Files.write(file, out.toByteArray());
    }

    private void put(String header, byte[] data) throws IOException {
        Files.write(file, file(header.getBytes(StandardCharsets.UTF_8).length, header, data));
    }

    private static byte[] file(long length, String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text)
                .put(data)
                .array();
    }

    private static int[] bits(Tensor tensor) {
        float[] values = tensor.floats();
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
