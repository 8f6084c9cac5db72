package io.pix2pix.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;
import io.pix2pix.testing.GoldenFolder;
import io.pix2pix.testing.NumpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Crop, flip and scale as the reference's own code did them on real photographs. */
class AugmentationGoldenTest {
    @TestFactory
    List<DynamicTest> cutsAndScalesAsTheReference() {
        List<DynamicTest> tests = new ArrayList<>();
        for (GoldenFolder folder : GoldenFolder.all(json -> json.has("photos"))) {
            double tolerance = folder.description().at("/tolerance/arrays_max_abs").asDouble();
            for (Map.Entry<String, JsonNode> photo :
                    folder.description().get("photos").properties()) {
                JsonNode arrays = photo.getValue().get("arrays");
                for (Map.Entry<String, JsonNode> file : arrays.properties()) {
                    for (String name : List.of("A_crop", "B_crop")) {
                        if (file.getValue().has(name)) {
                            tests.add(
                                    dynamicTest(
                                            photo.getKey() + " " + name,
                                            () -> crop(folder, photo, file, name, tolerance)));
                        }
                    }
                }
            }
        }
        return tests;
    }

    private static void crop(
            GoldenFolder folder,
            Map.Entry<String, JsonNode> photo,
            Map.Entry<String, JsonNode> file,
            String name,
            double tolerance)
            throws IOException {
        JsonNode facts = photo.getValue();
        NumpyArray expected = NumpyArray.read(folder.file(file.getKey()), name);
        int side = expected.shape()[2];
        int channels = expected.shape()[1];
        // Cut out of what a worker makes of the whole file, both halves from one decoding.
        Region region = name.startsWith("A") ? Region.LEFT : Region.RIGHT;
        Pixels whole =
                new Decoder().decode(Files.readAllBytes(folder.file(photo.getKey())), channels);
        Pixels resized = Resize.bicubic(region.of(whole), 286, 286);
        Augmentation cut =
                new Augmentation(
                        facts.get("crop_x").asInt(),
                        facts.get("crop_y").asInt(),
                        facts.get("flip").asBoolean());

        float[] found = new float[channels * side * side];
        PixelScale.write(resized, cut, side, found, 0);

        double worst = 0;
        for (int i = 0; i < found.length; i++) {
            worst = Math.max(worst, Math.abs(found[i] - expected.values()[i]));
        }
        assertThat(worst).isLessThanOrEqualTo(tolerance);
    }
}
