package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Layer;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.Unet;
import io.pix2pix.testing.GoldenFolder;
import io.pix2pix.testing.NumpyArray;
import io.pix2pix.testing.TestDevice;
import io.pix2pix.torchscript.GeneratorArchive;
import io.pix2pix.torchscript.WeightsImporter;
import io.pix2pix.torchscript.WeightsImporter.Wanted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generators against the reference's outputs: every folder of reference data whose {@code
 * case.json} has {@code weights}, driven by that file alone.
 */
class GeneratorGoldenTest {
    private static final TensorEngine ENGINE = TensorEngine.open(TestDevice.settings());

    @Test
    void findsReferenceDataOrSaysSo() {
        assumeThat(forwardCases())
                .as("folders with weights below the system property %s", GoldenFolder.PROPERTY)
                .isNotEmpty();
    }

    @TestFactory
    Stream<DynamicTest> outputsAgreeWithTheReference(@TempDir Path models) {
        return forwardCases().stream().flatMap(folder -> outputs(folder, models));
    }

    @TestFactory
    Stream<DynamicTest> innerActivationsAgreeWithTheReference() {
        return forwardCases().stream()
                .filter(folder -> folder.description().has("activations"))
                .flatMap(this::activations);
    }

    private static List<GoldenFolder> forwardCases() {
        return GoldenFolder.all(description -> description.has("weights"));
    }

    private Stream<DynamicTest> outputs(GoldenFolder folder, Path models) {
        Path weights = folder.file(folder.description().get("weights").asText());
        Architecture architecture = architecture(folder.description().get("generator"));
        Path model = models.resolve(Integer.toHexString(folder.path().hashCode()) + ".pt");
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(
                DynamicTest.dynamicTest(
                        folder + ": import",
                        () -> {
                            importWeights(weights, model, architecture);
                            requireSpec(
                                    GeneratorArchive.describe(model).orElseThrow().spec(),
                                    folder.description().get("generator"));
                        }));
        folder.description()
                .get("outputs")
                .properties()
                .forEach(
                        output ->
                                tests.add(
                                        DynamicTest.dynamicTest(
                                                folder + ": " + output.getKey(),
                                                () -> {
                                                    if (Files.notExists(model)) {
                                                        importWeights(weights, model, architecture);
                                                    }
                                                    check(folder, model, output);
                                                })));
        return tests.stream();
    }

    private static void importWeights(Path weights, Path model, Architecture architecture) {
        WeightsImporter.importWeights(weights, model, Wanted.of(architecture));
    }

    private static Architecture architecture(JsonNode generator) {
        String net = generator.get("net").asText();
        if (net.equals("unet")) {
            return new Unet(generator.get("num_downs").asInt());
        }
        return Architecture.parse(
                net.equals("resnet")
                        ? "resnet_%dblocks".formatted(generator.get("n_blocks").asInt())
                        : net);
    }

    private static void requireSpec(GeneratorSpec found, JsonNode generator) {
        if (generator.has("ngf")) {
            assertThat(found.filters()).isEqualTo(generator.get("ngf").asInt());
        }
        if (generator.has("input_nc")) {
            assertThat(found.inputChannels()).isEqualTo(generator.get("input_nc").asInt());
        }
        if (generator.has("output_nc")) {
            assertThat(found.outputChannels()).isEqualTo(generator.get("output_nc").asInt());
        }
        if (generator.has("norm")) {
            assertThat(found.norm()).isEqualTo(NormKind.parse(generator.get("norm").asText()));
        }
        if (generator.has("parameters")) {
            long parameters =
                    found.entries().values().stream()
                            .filter(entry -> !entry.buffer())
                            .mapToLong(e -> e.shape().stream().reduce(1, Math::multiplyExact))
                            .sum();
            assertThat(parameters).isEqualTo(generator.get("parameters").asLong());
        }
    }

    private void check(GoldenFolder folder, Path model, Map.Entry<String, JsonNode> output)
            throws IOException {
        JsonNode notes = output.getValue();
        Statistics statistics = Statistics.parse(notes.get("statistics").asText());
        NumpyArray expected = read(folder, output.getKey(), notes);
        NumpyArray input = input(folder, output.getKey(), expected);
        double tolerance = notes.get("tolerance_max_abs").asDouble();
        GeneratorArchive archive =
                GeneratorArchive.read(model, GeneratorArchive.describe(model).orElseThrow());
        try (LoadedModule plain =
                LoadedModule.load(
                        ENGINE, PlainForward.of(archive.spec(), archive.state(), statistics))) {
            Tensor found = plain.forward(Tensor.of(input.values(), input.shape()));
            assertClose(found, expected, tolerance);
        }
        if (statistics != Statistics.BATCH) {
            try (TorchGenerator generator =
                    (TorchGenerator) new Generators(ENGINE).load(model, statistics)) {
                Tensor found = generator.forward(Tensor.of(input.values(), input.shape()));
                assertClose(found, expected, tolerance);
            }
        }
    }

    private static NumpyArray read(GoldenFolder folder, String file, JsonNode notes) {
        String array = notes.isObject() && notes.has("array") ? notes.get("array").asText() : null;
        return NumpyArray.read(folder.file(file), array);
    }

    /** The one input, or of several the one that shares the output's tag or else its size. */
    private static NumpyArray input(GoldenFolder folder, String output, NumpyArray expected) {
        JsonNode description = folder.description();
        if (description.has("input")) {
            JsonNode input = description.get("input");
            return input.isTextual()
                    ? read(folder, input.asText(), input)
                    : read(folder, input.get("file").asText(), input);
        }
        List<Map.Entry<String, JsonNode>> inputs = new ArrayList<>();
        description.get("inputs").properties().forEach(inputs::add);
        return inputs.stream()
                .filter(each -> inputs.size() == 1 || stem(output).endsWith(tag(each.getKey())))
                .map(each -> read(folder, each.getKey(), each.getValue()))
                .filter(array -> sameSize(array.shape(), expected.shape()))
                .findFirst()
                .or(
                        () ->
                                inputs.stream()
                                        .map(e -> read(folder, e.getKey(), e.getValue()))
                                        .filter(a -> sameSize(a.shape(), expected.shape()))
                                        .findFirst())
                .orElseThrow(() -> new AssertionError("No input for " + output));
    }

    private static String stem(String file) {
        return file.substring(0, file.lastIndexOf('.'));
    }

    private static String tag(String input) {
        String stem = stem(input);
        return stem.substring(stem.lastIndexOf('_') + 1);
    }

    private static boolean sameSize(int[] a, int[] b) {
        return a[0] == b[0] && a[2] == b[2] && a[3] == b[3];
    }

    private Stream<DynamicTest> activations(GoldenFolder folder) {
        JsonNode notes = folder.description().get("activations");
        Wanted wanted = Wanted.of(architecture(folder.description().get("generator")));
        Path weights = folder.file(folder.description().get("weights").asText());
        List<DynamicTest> tests = new ArrayList<>();
        notes.get("arrays")
                .properties()
                .forEach(
                        array ->
                                tests.add(
                                        DynamicTest.dynamicTest(
                                                folder + ": " + array.getKey(),
                                                () ->
                                                        checkActivation(
                                                                folder,
                                                                WeightsImporter.read(
                                                                        weights, wanted),
                                                                array))));
        return tests.stream();
    }

    /** A network is a list of layers, so its first ones are a network that ends further inside. */
    private void checkActivation(
            GoldenFolder folder, GeneratorArchive archive, Map.Entry<String, JsonNode> array)
            throws IOException {
        JsonNode notes = folder.description().get("activations");
        NumpyArray expected =
                NumpyArray.read(folder.file(notes.get("file").asText()), array.getKey());
        NumpyArray input = input(folder, notes.get("file").asText(), expected(folder));
        List<Layer> layers = layersUpTo(archive.spec(), array.getKey());
        Statistics statistics = Statistics.parse(notes.get("statistics").asText());
        int[] shape = input.shape();
        int length = shape[1] * shape[2] * shape[3];
        int image = notes.get("image").asInt();
        float[] one = Arrays.copyOfRange(input.values(), image * length, (image + 1) * length);
        try (LoadedModule module =
                LoadedModule.load(ENGINE, PlainForward.of(layers, archive.state(), statistics))) {
            Tensor found = module.forward(Tensor.of(one, 1, shape[1], shape[2], shape[3]));
            assertClose(found, expected, array.getValue().get("tolerance_max_abs").asDouble());
        }
    }

    private static NumpyArray expected(GoldenFolder folder) {
        Map.Entry<String, JsonNode> first =
                folder.description().get("outputs").properties().iterator().next();
        return read(folder, first.getKey(), first.getValue());
    }

    /** {@code down3}: after the fourth convolution and its norm; {@code up3}: on the way back. */
    private static List<Layer> layersUpTo(GeneratorSpec spec, String name) {
        boolean down = name.startsWith("down");
        int level = Integer.parseInt(name.substring(down ? 4 : 2));
        List<Layer> layers = spec.layers();
        Class<? extends Layer> kind = down ? Layer.Conv.class : Layer.ConvTranspose.class;
        int levels = ((Unet) spec.architecture()).levels();
        int nth = down ? level : levels - 1 - level;
        int seen = 0;
        for (int i = 0; i < layers.size(); i++) {
            if (kind.isInstance(layers.get(i)) && seen++ == nth) {
                boolean norm = i + 1 < layers.size() && layers.get(i + 1) instanceof Layer.Norm;
                return layers.subList(0, norm ? i + 2 : i + 1);
            }
        }
        throw new AssertionError("No layer " + name);
    }

    private static void assertClose(Tensor found, NumpyArray expected, double tolerance) {
        assertThat(found.shape()).isEqualTo(expected.shape());
        double worst = 0;
        for (int i = 0; i < expected.values().length; i++) {
            double difference = Math.abs((double) found.floats()[i] - expected.values()[i]);
            // The comparison is false for what is no number.
            worst = difference <= worst ? worst : difference;
        }
        assertThat(worst).isLessThanOrEqualTo(tolerance);
    }
}
