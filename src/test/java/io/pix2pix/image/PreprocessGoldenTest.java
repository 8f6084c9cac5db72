package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case below {@code pix2pix.golden} that has photographs with their resized halves, made by
 * Pillow and NumPy. Everything is taken from {@code case.json} and the files it names.
 */
class PreprocessGoldenTest {
    private static final Path GOLDEN =
            Path.of(System.getProperty("pix2pix.golden", "../shared/golden"));
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Decoder DECODER = new Decoder();

    @TestFactory
    Stream<DynamicTest> preprocessingIsPillowsToTheBit() throws IOException {
        assumeThat(GOLDEN)
                .as("the folder of reference data, system property pix2pix.golden")
                .isDirectory();
        List<DynamicTest> tests = new ArrayList<>();
        for (Path folder : list(GOLDEN, "*")) {
            Path description = folder.resolve("case.json");
            if (Files.exists(description)) {
                JsonNode json = JSON.readTree(description.toFile());
                if (json.has("photos")) {
                    tests.addAll(new Case(folder, json).tests());
                }
            }
        }
        return tests.stream();
    }

    private record Case(Path folder, JsonNode json) {
        List<DynamicTest> tests() throws IOException {
            List<DynamicTest> tests = new ArrayList<>();
            for (Map.Entry<String, JsonNode> photo : json.get("photos").properties()) {
                String file = photo.getKey();
                JsonNode facts = photo.getValue();
                add(tests, file, "decodes", () -> decodes(file, facts));
                for (Half half : Half.values()) {
                    for (Path resized : resized(file, half)) {
                        String name = resized.getFileName().toString();
                        add(tests, name, "resizes", () -> resizes(file, half, resized));
                    }
                }
                for (String arrays : names(facts.get("arrays"))) {
                    add(tests, arrays, "holds", () -> normalizes(file, facts, arrays));
                }
            }
            if (json.has("grey")) {
                String grey = json.get("grey").asText();
                add(tests, grey, "turns gray", () -> turnsGray(grey));
            }
            return tests;
        }

        private void add(List<DynamicTest> tests, String file, String what, Check check) {
            tests.add(dynamicTest(folder.getFileName() + "/" + file + " " + what, check::run));
        }

        private void decodes(String file, JsonNode facts) throws Exception {
            Pixels photo = DECODER.decode(bytes(file), 3);

            assertThat(List.of(photo.width(), photo.height()))
                    .containsExactly(facts.at("/size/0").asInt(), facts.at("/size/1").asInt());
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(photo.bytes());
            assertThat(HexFormat.of().formatHex(digest))
                    .isEqualTo(facts.get("decoded_rgb_sha256").asText());
        }

        private void resizes(String file, Half half, Path png) throws IOException {
            Pixels expected = DECODER.decode(Files.readAllBytes(png), 3);
            Pixels side = DECODER.decode(bytes(file), 3, half.region);

            Pixels found = Resize.bicubic(side, expected.width(), expected.height());

            assertThat(Comparison.levels(found, expected)).isLessThanOrEqualTo(levels());
        }

        private void turnsGray(String png) throws IOException {
            Matcher name = Pattern.compile("(.+)_([AB])_grey_.*\\.png").matcher(png);
            assertThat(name.matches()).as(png).isTrue();
            Pixels expected = DECODER.decode(bytes(png), 1);
            Region region = Half.valueOf(name.group(2)).region;
            Pixels side = DECODER.decode(bytes(name.group(1) + ".jpg"), 1, region);

            Pixels found = Resize.bicubic(side, expected.width(), expected.height());

            assertThat(Comparison.levels(found, expected)).isLessThanOrEqualTo(levels());
        }

        private void normalizes(String file, JsonNode facts, String npz) throws IOException {
            Map<String, NpyArray> arrays = NpyArray.readAll(folder.resolve(npz));
            for (String name : names(facts.at("/arrays/" + npz))) {
                assertThat(arrays).containsKey(name);
                NpyArray array = Objects.requireNonNull(arrays.get(name));
                int height = array.shape()[2];
                int width = array.shape()[3];
                Half half = Half.valueOf(name.substring(0, 1));
                Pixels side = DECODER.decode(bytes(file), array.shape()[1], half.region);
                boolean cropped = name.endsWith("_crop");
                Pixels input =
                        cropped
                                ? crop(side, loadSize(file, half), facts, width, height)
                                : Resize.bicubic(side, width, height);
                boolean flip = cropped && facts.get("flip").asBoolean();

                assertThat(Comparison.toArray(input, flip, array.values()))
                        .as(name)
                        .isLessThanOrEqualTo(json.at("/tolerance/arrays_max_abs").asDouble());
            }
        }

        private static Pixels crop(
                Pixels side, Pixels load, JsonNode facts, int width, int height) {
            Pixels resized = Resize.bicubic(side, load.width(), load.height());
            int x = facts.get("crop_x").asInt();
            int y = facts.get("crop_y").asInt();
            return Crop.of(resized, x, y, width, height);
        }

        /** Crops were taken from the largest of the resized versions. */
        private Pixels loadSize(String file, Half half) throws IOException {
            List<Pixels> versions = new ArrayList<>();
            for (Path png : resized(file, half)) {
                versions.add(DECODER.decode(Files.readAllBytes(png), 3));
            }
            return versions.stream().max(Comparator.comparing(Pixels::width)).orElseThrow();
        }

        private List<Path> resized(String file, Half half) throws IOException {
            String stem = file.substring(0, file.lastIndexOf('.'));
            return list(folder, stem + "_" + half + "_[0-9]*.png");
        }

        private byte[] bytes(String file) throws IOException {
            return Files.readAllBytes(folder.resolve(file));
        }

        private int levels() {
            return json.at("/tolerance/resized_png_levels").asInt();
        }
    }

    private enum Half {
        A(Region.LEFT),
        B(Region.RIGHT);

        private final Region region;

        Half(Region region) {
            this.region = region;
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<Path> list(Path folder, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder, glob)) {
            files.forEach(found::add);
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }
}
