package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.IIOImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {
    private static final int WIDTH = 23;
    private static final int HEIGHT = 14;

    private final Decoder decoder = new Decoder();
    private final Pixels color = TestImages.noise8(WIDTH, HEIGHT, 3, 1);
    private final Pixels gray = TestImages.noise8(WIDTH, HEIGHT, 1, 2);

    @ParameterizedTest
    @CsvSource({
        "png, ''",
        "bmp, ''",
        "tiff, ''",
        "tiff, LZW",
        "tiff, ZLib",
        "tiff, PackBits",
        "webp, Lossless"
    })
    void keepsEveryColour(String format, String compression) {
        BufferedImage image = TestFiles.image(color, BufferedImage.TYPE_INT_RGB);
        byte[] file = TestFiles.write(format, new IIOImage(image, null, null), compression);

        assertThat(Comparison.levels(decoder.decode(file, 3), color)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "tiff", "gif"})
    void keepsEveryGray(String format) {
        byte[] file = TestFiles.write(format, TestFiles.image(gray, BufferedImage.TYPE_BYTE_GRAY));

        assertThat(Comparison.levels(decoder.decode(file, 1), gray)).isZero();
        assertThat(decoder.decode(file, 3).channels()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "tiff"})
    void sixteenBitsStaySixteen(String format) {
        Pixels deep = TestImages.noise16(WIDTH, HEIGHT, 1, 3);
        byte[] file =
                TestFiles.write(format, TestFiles.image(deep, BufferedImage.TYPE_USHORT_GRAY));

        assertThat(Comparison.levels(decoder.decode(file, 1), deep)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"2, 3", "6, 4"})
    void sixteenBitColourLosesItsAlphaOnly(int colorType, int samples) {
        ByteBuffer rows = ByteBuffer.allocate(HEIGHT * (1 + WIDTH * samples * 2));
        Pixels deep = TestImages.noise16(WIDTH, HEIGHT, samples, 4);
        for (int y = 0; y < HEIGHT; y++) {
            rows.put((byte) 0);
            for (int i = 0; i < WIDTH * samples; i++) {
                rows.putShort(deep.shorts()[y * WIDTH * samples + i]);
            }
        }
        byte[] file = TestFiles.png(WIDTH, HEIGHT, 16, colorType, false, rows.array());

        Pixels found = decoder.decode(file, 3);

        assertThat(found.bits()).isEqualTo(16);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            assertThat(found.shorts()[3 * i]).isEqualTo(deep.shorts()[samples * i]);
            assertThat(found.shorts()[3 * i + 2]).isEqualTo(deep.shorts()[samples * i + 2]);
        }
    }

    @Test
    void alphaIsDroppedNotBlended() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00112233);
        image.setRGB(1, 0, 0x80445566);

        for (String format : List.of("png", "tiff")) {
            assertThat(decoder.decode(TestFiles.write(format, image), 3).bytes())
                    .as(format)
                    .containsExactly(0x11, 0x22, 0x33, 0x44, 0x55, 0x66);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 3", "4, 3", "8, 3", "1, 0", "2, 0", "4, 0"})
    void fewBitsAreSpreadOrLookedUp(int depth, int colorType) {
        byte[] palette = new byte[3 << depth];
        for (int i = 0; i < palette.length; i++) {
            palette[i] = (byte) (i * 37 + 11);
        }
        byte[] half = new byte[1 << (depth - 1)];
        // One row that holds, from the left, 0, 1, and the greatest value.
        int max = (1 << depth) - 1;
        int bits = 1 << (24 - 2 * depth) | max << (24 - 3 * depth);
        byte[] row = {0, (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
        byte[] file =
                TestFiles.png(
                        3,
                        1,
                        depth,
                        colorType,
                        false,
                        java.util.Arrays.copyOf(row, 1 + (3 * depth + 7) / 8),
                        colorType == 3 ? TestFiles.pngChunk("PLTE", palette) : new byte[0],
                        colorType == 3 ? TestFiles.pngChunk("tRNS", half) : new byte[0]);

        Pixels found = decoder.decode(file, 3);

        for (int x = 0; x < 3; x++) {
            int value = new int[] {0, 1, max}[x];
            for (int c = 0; c < 3; c++) {
                int expected = colorType == 3 ? palette[3 * value + c] & 0xFF : value * 255 / max;
                assertThat(found.sample(x, 0, c)).as("x %d, c %d", x, c).isEqualTo(expected);
            }
        }
    }

    @Test
    void interlacedPngIsPutTogether() {
        byte[] rows = new byte[64 + 15];
        int at = 0;
        int[][] passes = {
            {0, 0, 8, 8},
            {4, 0, 8, 8},
            {0, 4, 4, 8},
            {2, 0, 4, 4},
            {0, 2, 2, 4},
            {1, 0, 2, 2},
            {0, 1, 1, 2}
        };
        for (int[] p : passes) {
            for (int y = p[1]; y < 8; y += p[3]) {
                rows[at++] = 0;
                for (int x = p[0]; x < 8; x += p[2]) {
                    rows[at++] = (byte) (8 * y + x);
                }
            }
        }
        assertThat(at).isEqualTo(rows.length);

        byte[] found = decoder.decode(TestFiles.png(8, 8, 8, 0, true, rows), 1).bytes();

        for (int i = 0; i < 64; i++) {
            assertThat(found[i]).isEqualTo((byte) i);
        }
    }

    @Test
    void profilesAndTextsOfAPngAreNotUnpacked() {
        byte[] png = TestFiles.write("png", TestFiles.image(color, BufferedImage.TYPE_INT_RGB));
        byte[] broken =
                TestFiles.insertIntoPng(png, TestFiles.pngChunk("iCCP", new byte[] {'x', 0, 0, 9}));
        byte[] gamma =
                TestFiles.insertIntoPng(
                        broken, TestFiles.pngChunk("gAMA", new byte[] {0, 0, 1, 0}));

        assertThat(Comparison.levels(decoder.decode(gamma, 3), color)).isZero();
    }

    @Test
    void profilesAndNotesOfAJpegDoNotChangeItsPixels() {
        Pixels photo = TestImages.photo(WIDTH, HEIGHT, 3, 12);
        byte[] jpeg = Encoder.jpeg(photo, 90);
        byte[] profile = "ICC_PROFILE\0\1\1junk".getBytes(StandardCharsets.ISO_8859_1);
        byte[] noted = TestFiles.insertIntoJpeg(jpeg, 0xFE, new byte[40]);
        byte[] profiled = TestFiles.insertIntoJpeg(noted, 0xE2, profile);
        byte[] named =
                TestFiles.insertIntoJpeg(
                        profiled, 0xE1, "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(decoder.decode(named, 3).bytes()).isEqualTo(decoder.decode(jpeg, 3).bytes());
        assertThat(Comparison.meanLevels(decoder.decode(named, 3), photo)).isLessThan(12);
    }

    @Test
    void componentsNamedRgbAreNotConverted() {
        Pixels photo = TestImages.photo(WIDTH, HEIGHT, 3, 13);
        byte[] file =
                TestFiles.write("jpeg", new IIOImage(TestFiles.raster(photo), null, null), "");
        byte[] adobe = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};

        Pixels found = decoder.decode(TestFiles.insertIntoJpeg(file, 0xEE, adobe), 3);

        assertThat(Comparison.meanLevels(found, photo)).isLessThan(12);
    }

    @Test
    void theFirstFrameOfAGifLiesOnItsScreen() {
        byte[] red = {(byte) 200, 1, 2};
        IndexColorModel palette =
                new IndexColorModel(
                        1,
                        2,
                        new byte[] {9, red[0]},
                        new byte[] {8, red[1]},
                        new byte[] {7, red[2]});
        BufferedImage frame = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
        frame.getRaster().setSample(0, 0, 0, 1);
        frame.getRaster().setSample(1, 0, 0, 1);
        byte[] file = TestFiles.write("gif", frame);
        // The screen is 4 x 3, the frame's descriptor says (1, 1).
        file[6] = 4;
        file[8] = 3;
        int descriptor = new String(file, StandardCharsets.ISO_8859_1).indexOf(',');
        file[descriptor + 1] = 1;
        file[descriptor + 3] = 1;

        Pixels found = decoder.decode(file, 3);

        assertThat(found).hasToString("4 x 3 x 3, 8 bits");
        assertThat(found.sample(0, 0, 0)).isEqualTo(9);
        assertThat(found.sample(1, 1, 0)).isEqualTo(200);
        assertThat(found.sample(2, 1, 2)).isEqualTo(2);
        assertThat(found.sample(3, 2, 2)).isEqualTo(7);
    }

    @Test
    void theNameDoesNotMatterNorDoesTheOrderOfColours() {
        BufferedImage bgr = TestFiles.image(color, BufferedImage.TYPE_INT_RGB);
        BufferedImage other = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
        other.createGraphics().drawImage(bgr, 0, 0, Color.BLACK, null);

        assertThat(Comparison.levels(decoder.decode(TestFiles.write("bmp", other), 3), color))
                .isZero();
    }

    @Test
    void grayIsPillowsLuma() {
        Pixels one =
                Pixels.of8(3, 1, 3, new byte[] {(byte) 255, 0, 0, 0, (byte) 255, 0, 10, 20, 30});
        byte[] file = Encoder.png(one);

        // (R * 19595 + G * 38470 + B * 7471 + 0x8000) >> 16
        assertThat(decoder.decode(file, 1).bytes()).containsExactly(76, (byte) 150, 18);
    }

    @Test
    void jpegOfFourInksWithoutAdobeMarkerIsPlainCmyk() {
        Pixels ink = Pixels.of8(8, 8, 4, new byte[8 * 8 * 4]);
        for (int i = 0; i < ink.bytes().length; i += 4) {
            ink.bytes()[i] = (byte) 255;
        }
        byte[] file = TestFiles.write("jpeg", new IIOImage(TestFiles.raster(ink), null, null), "");

        Pixels found = decoder.decode(file, 3);

        assertThat(found.sample(3, 3, 0)).isLessThan(4);
        assertThat(found.sample(3, 3, 1)).isGreaterThan(251);
        assertThat(found.sample(3, 3, 2)).isGreaterThan(251);
    }

    @Test
    void adobeMarkerInvertsTheInks() {
        Pixels ink = Pixels.of8(8, 8, 4, new byte[8 * 8 * 4]);
        java.util.Arrays.fill(ink.bytes(), (byte) 255);
        byte[] plain = TestFiles.write("jpeg", new IIOImage(TestFiles.raster(ink), null, null), "");
        byte[] adobe = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};

        Pixels found = decoder.decode(TestFiles.insertIntoJpeg(plain, 0xEE, adobe), 3);

        assertThat(found.sample(3, 3, 0)).isGreaterThan(251);
    }

    @Test
    void halvesAreThoseOfTheWholePicture() {
        byte[] png = Encoder.png(color);
        byte[] jpeg = Encoder.jpeg(TestImages.photo(WIDTH, HEIGHT, 3, 5), 90);

        for (byte[] file : List.of(png, jpeg)) {
            Pixels whole = decoder.decode(file, 3);
            for (Region region : Region.values()) {
                Pixels part = decoder.decode(file, 3, region);
                assertThat(Comparison.levels(part, region.of(whole))).as("%s", region).isZero();
            }
        }
    }

    @Test
    void threadsAndTheirClassLoadersDoNotMatter() throws Exception {
        List<byte[]> files =
                List.of(
                        Encoder.jpeg(TestImages.photo(64, 64, 3, 6), 90),
                        Encoder.png(TestImages.photo(64, 64, 3, 7)),
                        TestFiles.write(
                                "webp",
                                TestFiles.image(
                                        TestImages.photo(64, 64, 3, 8),
                                        BufferedImage.TYPE_INT_RGB)));
        List<Pixels> alone = files.stream().map(f -> decoder.decode(f, 3)).toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Integer> decodeAll =
                    () -> {
                        Thread.currentThread()
                                .setContextClassLoader(ClassLoader.getPlatformClassLoader());
                        int worst = 0;
                        for (int i = 0; i < 60; i++) {
                            int f = i % files.size();
                            Pixels found = decoder.decode(files.get(f), 3);
                            worst = Math.max(worst, Comparison.levels(found, alone.get(f)));
                        }
                        return worst;
                    };
            for (Future<Integer> worst :
                    threads.invokeAll(List.of(decodeAll, decodeAll, decodeAll, decodeAll))) {
                assertThat(worst.get()).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
