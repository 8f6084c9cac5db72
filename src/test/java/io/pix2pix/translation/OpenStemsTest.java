package io.pix2pix.translation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenStemsTest {
    @ParameterizedTest
    @CsvSource({
        "a.jpg, a",
        "dir.d/a, dir.d/a",
        "a.tar.gz, a.tar",
        ".hidden, .hidden",
        "x/.hidden, x/.hidden",
        "a., a",
        "a, a"
    })
    void stemIsTheKeyWithoutItsExtension(String key, String stem) {
        assertThat(OpenStems.stem(key)).isEqualTo(stem);
    }

    @Test
    void findsCollisionsAcrossWhatSortsBetween() {
        OpenStems stems = new OpenStems();
        List<String> keys =
                List.of("a", "a-1.png", "a.gif", "a.mask.png", "a.png", "a/a.png", "b.png");

        List<String> firsts = new ArrayList<>();
        keys.forEach(key -> firsts.add(String.valueOf(stems.add(key))));

        assertThat(firsts).containsExactly("null", "null", "a", "null", "a", "null", "null");
    }

    /** Few letters, all that matter around '/', so that stems meet and nest as often as can be. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void agreesWithASetThatForgetsNothingAlsoWhenResumed(int seed) {
        Random random = new Random(seed);
        TreeSet<String> keys = new TreeSet<>(PrefixInputs::compareUtf8);
        while (keys.size() < 5000) {
            StringBuilder key = new StringBuilder();
            int length = 1 + random.nextInt(9);
            for (int i = 0; i < length; i++) {
                key.append("ab.-/.\uFFFD".charAt(random.nextInt(7)));
            }
            keys.add(key.toString());
        }
        Map<String, String> all = new HashMap<>();
        OpenStems stems = new OpenStems();

        for (String key : keys) {
            if (random.nextInt(10) == 0) {
                stems = new OpenStems(stems.firstKeys());
            }
            String expected = all.putIfAbsent(OpenStems.stem(key), key);
            assertThat(stems.add(key)).as(key).isEqualTo(expected);
        }
    }

    @Test
    void remembersAsMuchAsOneKeyIsLong() {
        OpenStems stems = new OpenStems();
        for (int i = 0; i < 100_000; i++) {
            stems.add("video.%06d.png".formatted(i));
            stems.add("video.%06d.png.json".formatted(i));
            assertThat(stems.firstKeys().size()).isLessThan(20);
        }
    }
}
