package io.pix2pix.torchscript;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.testing.Fuzz;
import io.pix2pix.testing.JsonMutations;
import io.pix2pix.testing.MemoryFile;
import io.pix2pix.testing.Mutations;
import io.pix2pix.testing.PthFile;
import io.pix2pix.testing.RandomState;
import io.pix2pix.testing.ZipMutations;
import io.pix2pix.torchscript.WeightsImporter.Wanted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Damaged weights and modules: each is read or refused in order, whatever is in it. */
class ArchiveFuzzTest {
    private static final GeneratorSpec SPEC =
            new GeneratorSpec(Architecture.parse("unet_4"), 1, 1, 1, NormKind.BATCH, false);
    private static final Map<String, Tensor> STATE = RandomState.of(SPEC, 1);
    private static final Set<String> CODES =
            Set.of("NOT_A_STATE_DICT", "UNSAFE_PICKLE", "WRONG_NETWORK", "UNREADABLE");

    /** The opcodes and names that pickles of tensors are made of. */
    private static final List<byte[]> PICKLE =
            Stream.of(
                            "(",
                            ".",
                            "0",
                            "N",
                            "\u0088",
                            "\u0089",
                            "K\u0001",
                            "M\u0001\u0000",
                            "J\u00ff\u00ff\u00ff\u007f",
                            "\u008a\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0000 ",
                            "\u008a\u0009\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u0000",
                            "]",
                            "}",
                            ")",
                            "a",
                            "e",
                            "s",
                            "u",
                            "b",
                            "t",
                            "\u0085",
                            "\u0086",
                            "\u0087",
                            "h\u0000",
                            "h\u0001",
                            "q\u0000",
                            "q\u0001",
                            "Q",
                            "R",
                            "\u0081",
                            "\u0094",
                            "\u0093",
                            "\u0095",
                            "2",
                            "1",
                            "d",
                            "l",
                            "ccollections\nOrderedDict\n",
                            "ctorch._utils\n_rebuild_tensor_v2\n",
                            "ctorch._utils\n_rebuild_parameter\n",
                            "ctorch\nHalfStorage\n",
                            "ctorch\nLongStorage\n",
                            "c__torch__\nM0\n",
                            "cos\nsystem\n",
                            "X\u0007\u0000\u0000\u0000storage",
                            "X\u00ff\u00ff\u00ff\u007f",
                            "\u0080\u0002",
                            "\u0080\u0009")
                    .map(token -> token.getBytes(StandardCharsets.ISO_8859_1))
                    .toList();

    private final MemoryFile memory = new MemoryFile();
    private final Path file = memory.path();

    @AfterEach
    void release() {
        memory.close();
    }

    private static Fuzz fuzz(String name, Set<String> codes) {
        return Fuzz.of(
                name,
                e ->
                        e instanceof FailureException f
                                && f.failure().stage() == Stage.MODEL
                                && !f.failure().retriable()
                                && codes.contains(f.failure().code()),
                e -> ((FailureException) e).failure().code());
    }

    private interface Writer {
        void write(Path file) throws IOException;
    }

    private byte[] written(Writer writer) throws IOException {
        writer.write(file);
        return Files.readAllBytes(file);
    }

    private void readWeights(byte[] input) throws IOException {
        Files.write(file, input);
        WeightsImporter.read(file, Wanted.of(SPEC.architecture()));
    }

    @Test
    void weightsInZipFiles() throws Exception {
        List<byte[]> seeds =
                List.of(
                        written(f -> PthFile.writeZip(f, STATE)),
                        written(f -> PthFile.writeZip(f, STATE, true, true)));
        ZipMutations mutations = new ZipMutations(seeds, new Mutations(PICKLE));
        Fuzz fuzz = fuzz("pth zip", CODES);
        for (byte[] seed : seeds) {
            readWeights(seed);
        }
        fuzz.expecting("ok", "NOT_A_STATE_DICT");
        fuzz.run(mutations::next, this::readWeights);
    }

    @Test
    void weightsInBarePickles() throws Exception {
        List<byte[]> seeds = List.of(written(f -> PthFile.writeBare(f, STATE)));
        Mutations mutations = new Mutations(PICKLE);
        Fuzz fuzz = fuzz("pth pickle", CODES);
        readWeights(seeds.get(0));
        fuzz.expecting("ok", "UNSAFE_PICKLE");
        fuzz.run(random -> mutations.of(seeds, random), this::readWeights);
    }

    @Test
    void generatorsOfOurs() throws Exception {
        List<byte[]> seeds =
                List.of(
                        written(
                                f ->
                                        new GeneratorArchive(SPEC, Statistics.INSTANCE, STATE)
                                                .write(f)),
                        written(
                                f ->
                                        new GeneratorArchive(SPEC, Statistics.RUNNING, STATE)
                                                .write(f)));
        ZipMutations mutations = new ZipMutations(seeds, new Mutations(PICKLE));
        Fuzz fuzz = fuzz("pt of ours", CODES);
        fuzz.expecting("ok", "WRONG_NETWORK");
        fuzz.run(mutations::next, this::readGenerator);
    }

    private void readGenerator(byte[] input) throws IOException {
        Files.write(file, input);
        GeneratorArchive.describe(file).ifPresent(d -> GeneratorArchive.read(file, d));
    }

    /** What is looked at before PyTorch's native loader gets a file. */
    @Test
    void modulesOfOthers() throws Exception {
        List<byte[]> seeds =
                List.of(
                        written(
                                f ->
                                        GeneratorArchive.write(
                                                f,
                                                PlainForward.of(SPEC, STATE, Statistics.RUNNING))),
                        written(f -> PthFile.writeZip(f, STATE)));
        ZipMutations mutations = new ZipMutations(seeds, new Mutations(PICKLE));
        Fuzz fuzz = fuzz("pt of others", Set.of("NOT_TORCHSCRIPT"));
        fuzz.expecting("ok", "NOT_TORCHSCRIPT");
        fuzz.run(
                mutations::next,
                input -> {
                    Files.write(file, input);
                    ScriptArchive.require(file);
                });
    }

    @Test
    void safetensors() throws Exception {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("a", Tensor.of(new float[6], 2, 3));
        tensors.put("b", Tensor.count(7));
        tensors.put("c", Tensor.of(new float[] {1}, 1));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Safetensors.write(out, tensors);
        byte[] seed = out.toByteArray();
        int header = (int) ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        JsonMutations headers = new JsonMutations(List.of(Arrays.copyOfRange(seed, 8, 8 + header)));
        byte[] numbers = Arrays.copyOfRange(seed, 8 + header, seed.length);
        Mutations bytes = new Mutations();
        Fuzz fuzz = fuzz("safetensors", Set.of("BAD_SAFETENSORS"));
        fuzz.expecting("ok", "BAD_SAFETENSORS");
        fuzz.run(
                random ->
                        random.nextBoolean()
                                ? bytes.of(List.of(seed), random)
                                : safetensors(headers.next(random), numbers, random),
                input -> {
                    Files.write(file, input);
                    Safetensors.read(file);
                });
    }

    private static byte[] safetensors(byte[] header, byte[] numbers, Random random) {
        int length = random.nextInt(16) == 0 ? random.nextInt() : header.length;
        return ByteBuffer.allocate(8 + header.length + numbers.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(header)
                .put(numbers)
                .array();
    }
}
