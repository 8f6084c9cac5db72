package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodecBenchTest {
    @Test
    void measuresEachStepOnTheGivenImages() {
        List<byte[]> files =
                List.of(
                        Encoder.jpeg(TestImages.photo(64, 32, 3, 1), 90),
                        Encoder.png(TestImages.photo(64, 32, 3, 2)));
        Pixels output = TestImages.photo(16, 16, 3, 3);
        List<Pixels> encoded = new ArrayList<>();

        CodecBench.Times times =
                new CodecBench(new Decoder(), 3, Region.LEFT)
                        .measure(
                                files,
                                16,
                                16,
                                List.of(output),
                                image -> {
                                    encoded.add(image);
                                    return Encoder.png(image);
                                });

        assertThat(times.decode()).isPositive();
        assertThat(times.resize()).isPositive();
        assertThat(times.encode()).isPositive();
        assertThat(times.total()).isGreaterThan(times.decode());
        assertThat(encoded).isNotEmpty().containsOnly(output);
    }
}
