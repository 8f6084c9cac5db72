package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.testing.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every folder of reference data that has pairs of pictures with their L1, PSNR and SSIM. */
class MetricsGoldenTest {
    @TestFactory
    List<DynamicTest> metricsAreThoseOfScikitImage() {
        List<DynamicTest> tests = new ArrayList<>();
        for (GoldenFolder folder : GoldenFolder.all(MetricsGoldenTest::isMetrics)) {
            for (Map.Entry<String, JsonNode> pair :
                    folder.description().get("pairs").properties()) {
                tests.add(dynamicTest(folder + " " + pair.getKey(), () -> compare(folder, pair)));
            }
        }
        return tests;
    }

    private static boolean isMetrics(JsonNode description) {
        return description.path("pairs").isObject() && description.at("/tolerance").has("SSIM");
    }

    private static void compare(GoldenFolder folder, Map.Entry<String, JsonNode> pair)
            throws IOException {
        JsonNode expected = pair.getValue();
        JsonNode tolerance = folder.description().get("tolerance");
        int channels = expected.get("SSIM_per_channel").size();
        Pixels a = picture(folder, expected.at("/files/0").asText(), channels);
        Pixels b = picture(folder, expected.at("/files/1").asText(), channels);

        ValidationMetrics found = ValidationMetrics.of(a, b);

        assertThat(found.l1())
                .isCloseTo(expected.get("L1").asDouble(), within(tolerance.get("L1").asDouble()));
        assertThat(found.psnr())
                .isCloseTo(
                        expected.get("PSNR").asDouble(), within(tolerance.get("PSNR").asDouble()));
        assertThat(found.ssim()).isCloseTo(expected.get("SSIM").asDouble(), within(1e-9));
        for (int c = 0; c < channels; c++) {
            assertThat(Ssim.of(a, b, c))
                    .isCloseTo(expected.at("/SSIM_per_channel/" + c).asDouble(), within(1e-9));
        }
    }

    private static Pixels picture(GoldenFolder folder, String file, int channels)
            throws IOException {
        return new Decoder().decode(Files.readAllBytes(folder.file(file)), channels);
    }
}
