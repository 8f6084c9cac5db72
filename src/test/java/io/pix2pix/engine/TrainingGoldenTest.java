package io.pix2pix.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.DiscriminatorSpec;
import io.pix2pix.network.GanLoss;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.PlainForward;
import io.pix2pix.network.Precision;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.Tensor;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.network.TrainingState;
import io.pix2pix.network.Unet;
import io.pix2pix.testing.GoldenFolder;
import io.pix2pix.testing.NumpyArray;
import io.pix2pix.testing.TestDevice;
import io.pix2pix.torchscript.WeightsImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Training steps and discriminators against the reference: every folder of reference data whose
 * {@code case.json} has {@code gan_mode} or {@code discriminators}, driven by that file alone.
 */
class TrainingGoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TensorEngine ENGINE = TensorEngine.open(TestDevice.settings());

    @Test
    void findsReferenceDataOrSaysSo() {
        assumeThat(trainingCases())
                .as("folders with gan_mode below the system property %s", GoldenFolder.PROPERTY)
                .isNotEmpty();
    }

    @TestFactory
    Stream<DynamicTest> stepsAgreeWithTheReference() {
        return trainingCases().stream()
                .map(
                        folder ->
                                DynamicTest.dynamicTest(
                                        folder.toString(), () -> new Case(folder).check()));
    }

    @TestFactory
    Stream<DynamicTest> discriminatorsAgreeWithTheReference() {
        return GoldenFolder.all(description -> description.has("discriminators")).stream()
                .flatMap(TrainingGoldenTest::discriminators);
    }

    private static List<GoldenFolder> trainingCases() {
        return GoldenFolder.all(description -> description.has("gan_mode"));
    }

    private static Stream<DynamicTest> discriminators(GoldenFolder folder) {
        JsonNode description = folder.description();
        return description.get("outputs").properties().stream()
                .map(
                        output ->
                                DynamicTest.dynamicTest(
                                        folder + ": " + output.getKey(),
                                        () ->
                                                checkDiscriminator(
                                                        folder,
                                                        output.getKey(),
                                                        output.getValue())));
    }

    /** An output is named as its network, then the statistics. */
    private static void checkDiscriminator(GoldenFolder folder, String output, JsonNode notes)
            throws IOException {
        String name = output.substring(0, output.lastIndexOf('_'));
        Map.Entry<String, JsonNode> network =
                folder.description().get("discriminators").properties().stream()
                        .filter(each -> each.getKey().startsWith(name + "_net"))
                        .findFirst()
                        .orElseThrow();
        DiscriminatorSpec spec = discriminator(network.getValue());
        Map<String, Tensor> state = WeightsImporter.readTensors(folder.file(network.getKey()));
        assertThat(spec.firstMisfit(state)).isEmpty();
        NumpyArray x =
                NumpyArray.read(
                        folder.file(folder.description().get("input").get("file").asText()), null);
        NumpyArray expected = NumpyArray.read(folder.file(output), null);
        try (LoadedModule module =
                LoadedModule.load(
                        ENGINE,
                        PlainForward.of(
                                spec.layers(),
                                spec.ordered(state),
                                Statistics.parse(notes.get("statistics").asText())))) {
            Tensor found = module.forward(Tensor.of(x.values(), x.shape()));
            assertThat(found.shape()).isEqualTo(expected.shape());
            double[] difference = difference(found.floats(), expected.values());
            assertThat(Arrays.stream(difference).max().orElseThrow())
                    .isLessThanOrEqualTo(notes.get("tolerance_max_abs").asDouble());
        }
    }

    private static DiscriminatorSpec discriminator(JsonNode d) {
        boolean pixel = d.get("net").asText().equals("pixel");
        return new DiscriminatorSpec(
                pixel ? DiscriminatorSpec.Kind.PIXEL : DiscriminatorSpec.Kind.BASIC,
                d.get("ndf").asInt(),
                d.path("n_layers").asInt(3),
                d.get("input_nc").asInt(),
                NormKind.parse(d.get("norm").asText()));
    }

    private static double[] difference(float[] found, float[] expected) {
        assertThat(found.length).isEqualTo(expected.length);
        double[] difference = new double[found.length];
        for (int i = 0; i < found.length; i++) {
            difference[i] = Math.abs((double) found[i] - expected[i]);
        }
        return difference;
    }

    /** One folder's training. */
    private static final class Case {
        private final GoldenFolder folder;
        private final JsonNode description;
        private final TrainingSpec spec;

        Case(GoldenFolder folder) {
            this.folder = folder;
            this.description = folder.description();
            JsonNode g = description.get("generator");
            Architecture architecture =
                    g.get("net").asText().equals("unet")
                            ? new Unet(g.get("num_downs").asInt())
                            : Architecture.parse(
                                    "resnet_%dblocks".formatted(g.get("n_blocks").asInt()));
            this.spec =
                    new TrainingSpec(
                            new GeneratorSpec(
                                    architecture,
                                    g.get("ngf").asInt(),
                                    g.get("input_nc").asInt(),
                                    g.get("output_nc").asInt(),
                                    NormKind.parse(g.get("norm").asText()),
                                    g.path("dropout").asBoolean(false)),
                            discriminator(description.get("discriminator")),
                            GanLoss.parse(description.get("gan_mode").asText()),
                            description.get("lambda_L1").asDouble(),
                            description.get("adam").get("beta1").asDouble(),
                            Precision.FLOAT32);
        }

        void check() throws IOException {
            NumpyArray a = NumpyArray.read(folder.file("steps_A.npz"), null);
            NumpyArray b = NumpyArray.read(folder.file("steps_B.npz"), null);
            JsonNode losses = JSON.readTree(folder.file("losses.json").toFile());
            JsonNode norms = JSON.readTree(folder.file("grad_norms.json").toFile());
            TrainingState start =
                    TrainingState.of(
                            spec,
                            WeightsImporter.readTensors(folder.file("init_net_G.pth")),
                            WeightsImporter.readTensors(folder.file("init_net_D.pth")),
                            Initialization.NORMAL,
                            0);
            try (TrainingProgram program =
                    TrainingProgram.open(ENGINE, spec, start, Statistics.INSTANCE)) {
                TrainingState before = program.state();
                for (int i = 0; i < description.get("steps").asInt(); i++) {
                    StepLosses found =
                            program.step(
                                    new TrainingBatch(
                                            a.shape()[1],
                                            a.shape()[3],
                                            a.shape()[4],
                                            slice(a, i),
                                            slice(b, i)),
                                    1,
                                    0,
                                    i,
                                    description.get("adam").get("lr").asDouble());
                    checkLosses(found, losses.get(i), "step " + i);
                    TrainingState after = program.state();
                    double tolerance =
                            description
                                    .get("tolerances")
                                    .get("grad_norms_relative_per_step")
                                    .get(i)
                                    .asDouble();
                    checkNorms(before, after, norms.get(i), tolerance, "step " + i);
                    before = after;
                }
                checkNetwork("G", before.generator());
                checkNetwork("D", before.discriminator());
                if (Files.exists(folder.file("final_adam.pth"))) {
                    checkMoments(before.tensors());
                }
                assertThat(before.steps()).isEqualTo(description.get("steps").asLong());
            }
        }

        private static float[] slice(NumpyArray steps, int step) {
            int length = steps.values().length / steps.shape()[0];
            return Arrays.copyOfRange(steps.values(), step * length, (step + 1) * length);
        }

        private double tolerance(String name) {
            return description.get("tolerances").get(name).asDouble();
        }

        private void checkLosses(StepLosses found, JsonNode expected, String step) {
            double tolerance = tolerance("losses_relative");
            assertRelative(found.discriminatorReal(), expected.get("D_real"), tolerance, step);
            assertRelative(found.discriminatorFake(), expected.get("D_fake"), tolerance, step);
            assertRelative(found.generatorGan(), expected.get("G_GAN"), tolerance, step);
            assertRelative(found.generatorL1(), expected.get("G_L1"), tolerance, step);
        }

        private static void assertRelative(
                double found, JsonNode expected, double tolerance, String what) {
            double wanted = expected.asDouble();
            assertThat(Math.abs(found - wanted))
                    .as("%s: %s beside %s", what, found, wanted)
                    .isLessThanOrEqualTo(tolerance * Math.abs(wanted));
        }

        /** A gradient is what moved the first moment: m' = beta1 * m + (1 - beta1) * gradient. */
        private void checkNorms(
                TrainingState before,
                TrainingState after,
                JsonNode expected,
                double tolerance,
                String step) {
            for (String network : List.of("G", "D")) {
                for (Map.Entry<String, JsonNode> each : expected.get(network).properties()) {
                    String name = network + ".exp_avg." + each.getKey();
                    float[] old = values(before.tensors(), name);
                    float[] now = values(after.tensors(), name);
                    double sum = 0;
                    for (int i = 0; i < now.length; i++) {
                        double g = (now[i] - spec.beta1() * old[i]) / (1 - spec.beta1());
                        sum += g * g;
                    }
                    assertRelative(Math.sqrt(sum), each.getValue(), tolerance, step + ": " + name);
                }
            }
        }

        private void checkNetwork(String network, Map<String, Tensor> found) {
            Map<String, Tensor> expected =
                    WeightsImporter.readTensors(folder.file("final_net_" + network + ".pth"));
            assertThat(found.keySet()).containsExactlyElementsOf(expected.keySet());
            expected.forEach(
                    (key, tensor) -> {
                        if (tensor.isCount()) {
                            assertThat(Objects.requireNonNull(found.get(key)).count())
                                    .isEqualTo(tensor.count());
                        }
                    });
            double[] weights = differences(found, expected, key -> !key.contains("running"));
            double[] statistics = differences(found, expected, key -> key.contains("running"));
            double square = Arrays.stream(weights).map(w -> w * w).average().orElseThrow();
            assertThat(Math.sqrt(square)).isLessThanOrEqualTo(tolerance(network + "_weights_rms"));
            assertThat(weights[(int) (0.999 * (weights.length - 1))])
                    .isLessThanOrEqualTo(tolerance(network + "_weights_p99_9"));
            assertThat(weights[weights.length - 1])
                    .isLessThanOrEqualTo(tolerance(network + "_weights_max_abs"));
            if (statistics.length > 0) {
                assertThat(statistics[statistics.length - 1])
                        .isLessThanOrEqualTo(tolerance(network + "_running_statistics_max_abs"));
            }
        }

        /** Sorted. */
        private static double[] differences(
                Map<String, Tensor> found, Map<String, Tensor> expected, Predicate<String> wanted) {
            List<double[]> all = new ArrayList<>();
            expected.forEach(
                    (key, tensor) -> {
                        if (wanted.test(key)) {
                            all.add(difference(values(found, key), tensor.floats()));
                        }
                    });
            return all.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
        }

        private void checkMoments(Map<String, Tensor> found) {
            WeightsImporter.readTensors(folder.file("final_adam.pth"))
                    .forEach(
                            (name, tensor) -> {
                                String kind =
                                        name.contains(".exp_avg_sq.") ? "exp_avg_sq" : "exp_avg";
                                double peak = 1e-30;
                                for (float value : tensor.floats()) {
                                    peak = Math.max(peak, Math.abs(value));
                                }
                                double worst =
                                        Arrays.stream(
                                                        difference(
                                                                values(found, name),
                                                                tensor.floats()))
                                                .max()
                                                .orElseThrow();
                                assertThat(worst / peak)
                                        .as(name)
                                        .isLessThanOrEqualTo(
                                                tolerance(
                                                        "adam_%s_max_relative_to_tensor_peak"
                                                                .formatted(kind)));
                            });
        }

        private static float[] values(Map<String, Tensor> tensors, String name) {
            return Objects.requireNonNull(tensors.get(name), name).floats();
        }
    }
}
