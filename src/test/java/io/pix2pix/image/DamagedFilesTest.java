package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DamagedFilesTest {
    private final Decoder decoder = new Decoder();

    @Test
    void anEmptyFile() {
        Failure failure = refused(new byte[0]);

        assertThat(failure.code()).isEqualTo("EMPTY_FILE");
        assertThat(failure.message()).isEqualTo("Expected an image, found a file of 0 bytes");
        assertThat(failure.stage()).isEqualTo(Stage.DECODE);
        assertThat(failure.retriable()).isFalse();
    }

    @Test
    void aFileThatIsNoImage() {
        Failure text = refused("<!DOCTYPE html>\n<html>".getBytes(StandardCharsets.UTF_8));
        Failure zip = refused(new byte[] {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0});

        assertThat(text.code()).isEqualTo("NOT_AN_IMAGE");
        assertThat(text.message())
                .isEqualTo(
                        "Expected JPEG, PNG, BMP, GIF, TIFF, WEBP, found text that begins"
                                + " \"<!DOCTYPE html> <html>\"");
        assertThat(zip.code()).isEqualTo("NOT_AN_IMAGE");
        assertThat(zip.message()).endsWith("found 10 bytes that begin 50 4b 03 04 14 00 00 00");
    }

    @Test
    void anImageOfAFormatThatIsNotRead() {
        Failure failure = refused("\0\0\0 ftypheic\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(failure.code()).isEqualTo("UNSUPPORTED_FORMAT");
        assertThat(failure.message()).endsWith("found HEIF, AVIF or a film");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 64})
    void channelsThatNoFileHas(int channels) {
        byte[] file = Encoder.png(TestImages.noise8(4, 4, 3, 1));
        FailureException thrown =
                catchThrowableOfType(FailureException.class, () -> decoder.decode(file, channels));

        assertThat(thrown.failure().code()).isEqualTo("CHANNELS");
        assertThat(thrown)
                .hasMessage(
                        "Image files are decoded to 1 or 3 channels, the network takes "
                                + channels);
    }

    /** Wherever a file is cut, no half picture comes out of it. */
    @ParameterizedTest
    @ValueSource(strings = {"jpeg", "png", "bmp", "gif", "tiff", "webp"})
    void aFileThatIsCutShort(String format) {
        byte[] file = file(format);
        decoder.decode(file, 3);

        for (int percent : new int[] {1, 10, 30, 50, 70, 90, 97}) {
            byte[] cut = Arrays.copyOf(file, Math.max(8, file.length * percent / 100));
            assertThat(refused(cut).code()).as("%d %%", percent).isIn("TRUNCATED", "NOT_AN_IMAGE");
        }
        assertThat(refused(Arrays.copyOf(file, file.length * 2 / 3)).message())
                .contains("" + file.length * 2 / 3);
    }

    @Test
    void aJpegWithAHoleAndAnEndMarker() {
        byte[] file = file("jpeg");
        byte[] cut = Arrays.copyOf(file, file.length * 3 / 4);
        cut[cut.length - 2] = (byte) 0xFF;
        cut[cut.length - 1] = (byte) 0xD9;

        Failure failure = refused(cut);

        assertThat(failure.code()).isEqualTo("CORRUPT");
        assertThat(failure.message())
                .startsWith("The JPEG's pixels are damaged: Corrupt JPEG data");
    }

    @Test
    void aPngWhoseChecksumIsWrong() {
        byte[] file = file("png");
        file[file.length / 2] ^= 1;

        assertThat(refused(file).message())
                .isEqualTo("The checksum of the PNG's IDAT chunk at byte 33 does not match");
    }

    @Test
    void somethingBehindTheEndIsNoDamage() {
        for (String format : new String[] {"jpeg", "png", "bmp", "gif", "tiff", "webp"}) {
            byte[] file = file(format);
            Pixels found = decoder.decode(Arrays.copyOf(file, file.length + 1000), 3);
            assertThat(Comparison.levels(found, decoder.decode(file, 3))).as(format).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "jpeg, 65500",
        "png, 60000",
        "bmp, 60000",
        "gif, 60000",
        "tiff, 60000",
        "webp, 16383"
    })
    void anImageBeyondTheLimitIsRefusedByItsHeader(String format, int side) {
        byte[] huge = withSide(format, side);
        Runtime runtime = Runtime.getRuntime();
        assertThat((long) side * side).isGreaterThan(Decoder.DEFAULT_MAX_PIXELS);

        Failure failure = refused(huge);

        assertThat(failure.code()).isEqualTo("IMAGE_TOO_LARGE");
        assertThat(failure.message())
                .isEqualTo(
                        "Expected at most 100000000 pixels, found %d x %d".formatted(side, side));
        // Three bytes for each of its pixels would be more than this machine's heap may have.
        assertThat(format.equals("webp") || 3L * side * side > runtime.maxMemory()).isTrue();
    }

    @Test
    void theLimitIsTheCallersChoice() {
        byte[] file = Encoder.png(TestImages.noise8(20, 10, 3, 1));

        assertThat(new Decoder(200).decode(file, 3).width()).isEqualTo(20);
        FailureException thrown =
                catchThrowableOfType(
                        FailureException.class, () -> new Decoder(199).decode(file, 3));
        assertThat(thrown).hasMessage("Expected at most 199 pixels, found 20 x 10");
    }

    @Test
    void aPictureTooNarrowForHalves() {
        byte[] file = Encoder.png(TestImages.noise8(1, 10, 3, 1));
        FailureException thrown =
                catchThrowableOfType(
                        FailureException.class, () -> decoder.decode(file, 3, Region.LEFT));

        assertThat(thrown).hasMessage("A picture of 1 x 10 pixels has no two halves");
    }

    /** Whatever the damage, there are pixels or a failure with a code, and no other exception. */
    @ParameterizedTest
    @ValueSource(strings = {"jpeg", "png", "bmp", "gif", "tiff", "webp"})
    void randomDamage(String format) {
        Decoder small = new Decoder(1_000_000);
        byte[] file = file(format);
        Random random = new Random(9);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = file.clone();
            int reach = i % 2 == 0 ? Math.min(file.length, 64) : file.length;
            for (int k = 0; k <= i % 3; k++) {
                damaged[random.nextInt(reach)] = (byte) random.nextInt();
            }
            try {
                small.decode(damaged, 3);
            } catch (FailureException e) {
                assertThat(e.failure().stage()).isEqualTo(Stage.DECODE);
            }
        }
    }

    private Failure refused(byte[] file) {
        FailureException thrown =
                catchThrowableOfType(FailureException.class, () -> decoder.decode(file, 3));
        assertThat(thrown).as("decoded instead of refused").isNotNull();
        return thrown.failure();
    }

    private static byte[] file(String format) {
        Pixels photo = TestImages.photo(40, 30, 3, 11);
        return TestFiles.write(format, TestFiles.image(photo, BufferedImage.TYPE_INT_RGB));
    }

    /** A small file whose header says that the picture is a large square. */
    private static byte[] withSide(String format, int side) {
        byte[] file = file(format);
        ByteBuffer big = ByteBuffer.wrap(file);
        ByteBuffer little = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        switch (format) {
            case "jpeg" -> {
                int frame = new String(file, StandardCharsets.ISO_8859_1).indexOf("\u00ff\u00c0");
                big.putShort(frame + 5, (short) side).putShort(frame + 7, (short) side);
            }
            case "png" -> {
                return TestFiles.png(side, side, 8, 2, false, new byte[100]);
            }
            case "bmp" -> little.putInt(18, side).putInt(22, side);
            case "gif" -> little.putShort(6, (short) side).putShort(8, (short) side);
            case "tiff" -> {
                boolean isLittle = file[0] == 'I';
                ByteBuffer tiff = isLittle ? little : big;
                int directory = tiff.getInt(4);
                for (int i = 0; i < tiff.getShort(directory); i++) {
                    int entry = directory + 2 + 12 * i;
                    int tag = tiff.getShort(entry);
                    if (tag == 256 || tag == 257) {
                        boolean isShort = tiff.getShort(entry + 2) == 3;
                        tiff.putInt(entry + 8, isShort && !isLittle ? side << 16 : side);
                    }
                }
            }
            default -> little.putShort(26, (short) side).putShort(28, (short) side);
        }
        return file;
    }
}
