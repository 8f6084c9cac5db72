package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.testing.Pictures;
import java.awt.image.BufferedImage;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageHeaderTest {
    private static final Decoder DECODER = new Decoder();
    private static final int TURNED = 6;

    @Test
    void tellsTheSizeFromTheFirstBytes() {
        assertThat(size(Pictures.jpeg(300, 200, 1), 400)).contains(new ImageSize(300, 200));
        assertThat(size(Pictures.png(300, 200, 1), 400)).contains(new ImageSize(300, 200));
    }

    @Test
    void tellsTheSizeOfTheUprightPicture() {
        byte[] exif = TestFiles.exif(TURNED, ByteOrder.BIG_ENDIAN);
        byte[] payload = new byte[exif.length + 6];
        System.arraycopy(
                "Exif\0\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, payload, 0, 6);
        System.arraycopy(exif, 0, payload, 6, exif.length);
        byte[] jpeg = TestFiles.insertIntoJpeg(Pictures.jpeg(300, 200, 1), 0xE1, payload);
        byte[] png =
                TestFiles.insertIntoPng(
                        Pictures.png(300, 200, 1), TestFiles.pngChunk("eXIf", exif));

        assertThat(size(jpeg, 700)).contains(new ImageSize(200, 300));
        assertThat(size(jpeg, jpeg.length)).contains(new ImageSize(200, 300));
        assertThat(size(png, 400)).contains(new ImageSize(200, 300));
        assertThat(size(png, png.length)).contains(new ImageSize(200, 300));
    }

    @Test
    void asksForMoreWhereTheHeadDoesNotSay() {
        byte[] notes = TestFiles.insertIntoJpeg(Pictures.jpeg(30, 20, 1), 0xE2, new byte[2000]);
        byte[] bmp = Pictures.of(30, 20, "bmp", BufferedImage.TYPE_INT_RGB, 1);

        assertThat(size(notes, 1000)).isEmpty();
        assertThat(size(notes, notes.length)).contains(new ImageSize(30, 20));
        assertThat(size(bmp, 500)).isEmpty();
        assertThat(size(bmp, bmp.length)).contains(new ImageSize(30, 20));
    }

    @Test
    void neverFailsOtherwiseThanItShould() {
        byte[] jpeg = Pictures.jpeg(30, 20, 1);
        byte[] png = Pictures.png(30, 20, 1);
        for (int length = 12; length < 900; length++) {
            for (byte[] file : new byte[][] {jpeg, png}) {
                Optional<ImageSize> size = size(file, Math.min(length, file.length - 1));
                assertThat(size.orElse(new ImageSize(30, 20))).isEqualTo(new ImageSize(30, 20));
            }
        }
    }

    private static Optional<ImageSize> size(byte[] file, int head) {
        return DECODER.size(Arrays.copyOf(file, head), file.length);
    }
}
