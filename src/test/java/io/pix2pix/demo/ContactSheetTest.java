package io.pix2pix.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pix2pix.image.Decoder;
import io.pix2pix.image.Pixels;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
    private static final List<String> HEADINGS = List.of("input", "output", "target");

    @Test
    void twelveRowsAreOnePictureOfAtMost300Kilobytes() {
        byte[] file = sheet(12, 256).png();

        Pixels sheet = new Decoder().decode(file, 3);
        assertThat(file).hasSizeLessThanOrEqualTo(ContactSheet.DEFAULT_MAX_BYTES);
        assertThat(sheet.width()).isBetween(500, 1100);
        assertThat(sheet.height()).isBetween(500, 1300);
    }

    @Test
    void noiseOfAnUntrainedNetworkMakesThumbnailsSmallerNotTheFileLarger() {
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            byte[] noise = new byte[128 * 128 * 3];
            new Random(i).nextBytes(noise);
            Pixels picture = Pixels.of8(128, 128, 3, noise);
            rows.add(new ContactSheet.Row("noise", List.of(picture, picture, picture)));
        }

        byte[] file = new ContactSheet("Noise", "", HEADINGS, rows).png();

        assertThat(file).hasSizeLessThanOrEqualTo(ContactSheet.DEFAULT_MAX_BYTES);
    }

    @Test
    void theSameRowsMakeTheSameBytes() {
        assertThat(sheet(3, 64).png()).isEqualTo(sheet(3, 64).png());
    }

    @Test
    void labelColoursAreKept() {
        Facades.Pair pair = Facades.draw(5, 160);
        ContactSheet.Row row = new ContactSheet.Row("one", List.of(pair.labels()));

        Pixels sheet =
                new Decoder()
                        .decode(new ContactSheet("T", "", List.of("input"), List.of(row)).png(), 3);

        int top = sheet.height() - 160 - 4 - 12 - 16;
        for (int c = 0; c < 3; c++) {
            int expected = pair.labels().sample(80, 80, c);
            assertThat(sheet.sample(16 + 80, top + 80, c)).isCloseTo(expected, within(8));
        }
    }

    @Test
    void picturesOfAnyKindAreShown() {
        Pixels wide = Pixels.of8(300, 20, 1, new byte[6000]);
        Pixels deep = Pixels.of16(10, 500, 3, new short[15000]);
        Pixels tiny = Pixels.of8(1, 1, 3, new byte[3]);
        ContactSheet.Row row =
                new ContactSheet.Row(
                        "\u00fc\u6f22 " + "long ".repeat(100), List.of(wide, deep, tiny));

        assertThat(new ContactSheet("t".repeat(500), "", HEADINGS, List.of(row)).png())
                .isNotEmpty();
    }

    @Test
    void aRowWithoutAllItsPicturesIsRefused() {
        Pixels tiny = Pixels.of8(1, 1, 3, new byte[3]);
        ContactSheet.Row row = new ContactSheet.Row("a.png", List.of(tiny));

        assertThatThrownBy(() -> new ContactSheet("t", "", HEADINGS, List.of(row)))
                .hasMessage("a.png has 1 pictures, expected 3");
        assertThatThrownBy(() -> new ContactSheet("t", "", HEADINGS, List.of()))
                .hasMessage("A contact sheet needs rows and headings");
    }

    private static ContactSheet sheet(int rows, int size) {
        List<ContactSheet.Row> all = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            Facades.Pair pair = Facades.draw(i, size);
            String caption = "facade-%03d.png".formatted(i);
            all.add(
                    new ContactSheet.Row(
                            caption, List.of(pair.labels(), pair.facade(), pair.facade())));
        }
        return new ContactSheet("Labels to facades", "unet_128", HEADINGS, all);
    }

    private static org.assertj.core.data.Offset<Integer> within(int levels) {
        return org.assertj.core.api.Assertions.within(levels);
    }
}
