package io.pix2pix.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.pix2pix.image.Crop;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleSheetTest {
    private static final int GAP = 4;
    private static final int LINE = 12;

    @Test
    void showsEachRowPixelByPixel() {
        Pixels a = noise(24, 3, 1);
        Pixels b = noise(24, 3, 2);
        Pixels c = noise(24, 3, 3);

        Pixels sheet = sheet(new SampleSheet.Row("p", a, b, c), new SampleSheet.Row("q", c, a, b));

        assertThat(picture(sheet, 0, 0).bytes()).isEqualTo(a.bytes());
        assertThat(picture(sheet, 1, 0).bytes()).isEqualTo(b.bytes());
        assertThat(picture(sheet, 2, 0).bytes()).isEqualTo(c.bytes());
        assertThat(picture(sheet, 0, 1).bytes()).isEqualTo(c.bytes());
        assertThat(sheet.width()).isEqualTo(3 * 24 + 4 * GAP);
    }

    @Test
    void showsOtherChannelsAndBitsAsAPersonCanSeeThem() {
        Pixels gray = noise(24, 1, 1);
        Pixels two = noise(24, 2, 2);
        Pixels five = noise(24, 5, 3);
        Pixels deep = Pixels.of16(24, 24, 1, new short[24 * 24]);

        Pixels sheet =
                sheet(
                        new SampleSheet.Row("p", gray, two, five),
                        new SampleSheet.Row("q", deep, deep, deep));

        for (int channel = 0; channel < 3; channel++) {
            assertThat(picture(sheet, 0, 0).sample(5, 7, channel)).isEqualTo(gray.sample(5, 7, 0));
            assertThat(picture(sheet, 1, 0).sample(5, 7, channel)).isEqualTo(two.sample(5, 7, 0));
            assertThat(picture(sheet, 2, 0).sample(5, 7, channel))
                    .isEqualTo(five.sample(5, 7, channel));
        }
    }

    @Test
    void shrinksLargePictures() {
        Pixels large = Pixels.of8(1024, 512, 1, new byte[1024 * 512]);

        Pixels sheet = sheet(new SampleSheet.Row("p", large, large, large));

        assertThat(sheet.width()).isEqualTo(3 * 512 + 4 * GAP);
    }

    @Test
    void needsARow() {
        assertThatIllegalArgumentException().isThrownBy(() -> SampleSheet.png(List.of()));
    }

    private static Pixels sheet(SampleSheet.Row... rows) {
        return new Decoder().decode(SampleSheet.png(List.of(rows)), 3);
    }

    private static Pixels picture(Pixels sheet, int column, int row) {
        int y = GAP + LINE + row * (24 + GAP + LINE);
        return Crop.of(sheet, GAP + column * (24 + GAP), y, 24, 24);
    }

    private static Pixels noise(int side, int channels, long seed) {
        byte[] samples = new byte[side * side * channels];
        new Random(seed).nextBytes(samples);
        return Pixels.of8(side, side, channels, samples);
    }
}
