package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OrientationTest {
    private final Decoder decoder = new Decoder();

    /**
     * The letter F, upright, as each orientation stores it: what is to be seen at the upper left is
     * stored elsewhere (CIPA DC-008, 4.6.4 A).
     */
    private static final List<String> STORED =
            List.of(
                    "##|#.|##|#.|#.", // row 0 is the top, column 0 the left
                    "##|.#|##|.#|.#", // column 0 is the right
                    ".#|.#|##|.#|##", // row 0 is the bottom, column 0 the right
                    "#.|#.|##|#.|##", // row 0 is the bottom
                    "#####|#.#..", // row 0 is the left, column 0 the top
                    "#.#..|#####", // row 0 is the right, column 0 the top
                    "..#.#|#####", // row 0 is the right, column 0 the bottom
                    "#####|..#.#"); // row 0 is the left, column 0 the bottom

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (String format : List.of("jpeg", "png", "webp", "tiff")) {
            for (int orientation = 1; orientation <= 8; orientation++) {
                cases.add(Arguments.of(format, orientation));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void picturesAreTurnedUpright(String format, int orientation) {
        Pixels stored = draw(STORED.get(orientation - 1));

        Pixels found = decoder.decode(file(format, stored, orientation), 1);

        assertThat(read(found)).isEqualTo(STORED.get(0));
    }

    @Test
    void halvesAreCutFromTheUprightPicture() {
        Pixels stored = draw(STORED.get(5));

        Pixels left = decoder.decode(file("png", stored, 6), 1, Region.LEFT);

        assertThat(read(left)).isEqualTo("#|#|#|#|#");
    }

    @Test
    void senselessOrientationsAreIgnored() {
        Pixels stored = draw(STORED.get(0));

        for (int value : new int[] {0, 9, 255}) {
            assertThat(read(decoder.decode(file("png", stored, value), 1)))
                    .isEqualTo(STORED.get(0));
        }
        byte[] png =
                TestFiles.insertIntoPng(
                        Encoder.png(stored), TestFiles.pngChunk("eXIf", new byte[] {'I', 'I', 42}));
        assertThat(read(decoder.decode(png, 1))).isEqualTo(STORED.get(0));
    }

    private static byte[] file(String format, Pixels stored, int orientation) {
        ByteOrder order = orientation % 2 == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        byte[] exif = TestFiles.exif(orientation, order);
        return switch (format) {
            case "jpeg" -> {
                byte[] named =
                        ByteBuffer.allocate(exif.length + 6)
                                .put(new byte[] {'E', 'x', 'i', 'f', 0, 0})
                                .put(exif)
                                .array();
                yield TestFiles.insertIntoJpeg(Encoder.jpeg(stored, 100), 0xE1, named);
            }
            case "png" ->
                    TestFiles.insertIntoPng(Encoder.png(stored), TestFiles.pngChunk("eXIf", exif));
            case "webp" -> {
                BufferedImage image = TestFiles.image(stored, BufferedImage.TYPE_BYTE_GRAY);
                BufferedImage rgb =
                        new BufferedImage(
                                image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
                rgb.createGraphics().drawImage(image, 0, 0, null);
                yield TestFiles.webpWithExif(
                        TestFiles.write("webp", rgb), image.getWidth(), image.getHeight(), exif);
            }
            default -> tiff(stored, orientation, order);
        };
    }

    /** The smallest gray TIFF: header, directory, one strip. */
    private static byte[] tiff(Pixels stored, int orientation, ByteOrder order) {
        int[][] entries = {
            {256, stored.width()},
            {257, stored.height()},
            {258, 8},
            {259, 1},
            {262, 1},
            {273, 8 + 2 + 9 * 12 + 4},
            {274, orientation},
            {277, 1},
            {279, stored.bytes().length}
        };
        ByteBuffer out =
                ByteBuffer.allocate(8 + 2 + 9 * 12 + 4 + stored.bytes().length).order(order);
        out.put((byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M'));
        out.put(out.get(0)).putShort((short) 42).putInt(8).putShort((short) entries.length);
        for (int[] entry : entries) {
            out.putShort((short) entry[0])
                    .putShort((short) 3)
                    .putInt(1)
                    .putShort((short) entry[1])
                    .putShort((short) 0);
        }
        return out.putInt(0).put(stored.bytes()).array();
    }

    /** Eight by eight pixels a character, so that JPEG's blocks keep apart. */
    private static Pixels draw(String picture) {
        String[] rows = picture.split("\\|", -1);
        int width = rows[0].length() * 8;
        Pixels out = Pixels.of8(width, rows.length * 8, 1, new byte[width * rows.length * 8]);
        for (int i = 0; i < out.bytes().length; i++) {
            boolean ink = rows[i / width / 8].charAt(i % width / 8) == '#';
            out.bytes()[i] = (byte) (ink ? 20 : 230);
        }
        return out;
    }

    private static String read(Pixels image) {
        StringBuilder out = new StringBuilder();
        for (int y = 4; y < image.height(); y += 8) {
            out.append(y > 8 ? "|" : "");
            for (int x = 4; x < image.width(); x += 8) {
                out.append(image.sample(x, y, 0) < 128 ? '#' : '.');
            }
        }
        return out.toString();
    }
}
