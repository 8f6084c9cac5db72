package io.pix2pix.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.testing.Fuzz;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small or well-formed pictures that ask for much time or memory. */
class HostileFilesTest {
    private static final BufferedImage IMAGE =
            TestFiles.image(TestImages.photo(40, 30, 3, 11), BufferedImage.TYPE_INT_RGB);

    private final Decoder decoder = new Decoder();

    /** The plug-in would copy what it has read of the comment for each of its blocks. */
    @Test
    void aGifWithALongComment() throws InterruptedException {
        byte[] gif = TestFiles.write("gif", IMAGE);
        int blocks = 13 + (3 * (2 << (gif[10] & 7)));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(gif, 0, blocks);
        file.writeBytes(new byte[] {0x21, (byte) 0xFE});
        byte[] block = new byte[256];
        Arrays.fill(block, (byte) 'x');
        block[0] = (byte) 255;
        for (int i = 0; i < 20_000; i++) {
            file.writeBytes(block);
        }
        file.write(0);
        file.write(gif, blocks, gif.length - blocks);
        Pixels expected = decoder.decode(gif, 3);
        within(
                file.toByteArray(),
                input ->
                        assertThat(Comparison.levels(decoder.decode(input, 3), expected)).isZero());
    }

    /** Each scan costs a walk over all of the picture. */
    @Test
    void aJpegOfThousandsOfScans() {
        byte[] jpeg = TestFiles.write("jpeg", IMAGE);
        int scan = new String(jpeg, StandardCharsets.ISO_8859_1).indexOf("\u00ff\u00da");
        byte[] empty = Arrays.copyOfRange(jpeg, scan, scan + 14);
        assertThat(decoder.decode(withScans(jpeg, empty, 0), 3).width()).isEqualTo(40);
        Failure failure = refused(withScans(jpeg, empty, 5000));
        assertThat(failure.code()).isEqualTo("UNSUPPORTED_FORMAT");
        assertThat(failure.message()).isEqualTo("Expected a JPEG of at most 100 scans, found more");
    }

    private static byte[] withScans(byte[] jpeg, byte[] scan, int count) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(jpeg, 0, jpeg.length - 2);
        for (int i = 0; i < count; i++) {
            file.writeBytes(scan);
        }
        file.write(jpeg, jpeg.length - 2, 2);
        return file.toByteArray();
    }

    /** What follows the picture's end, such as a film, is none of its scans. */
    @Test
    void whatFollowsAJpegIsNotCounted() {
        byte[] jpeg = TestFiles.write("jpeg", IMAGE);
        byte[] film = new byte[2000];
        for (int i = 0; i < film.length; i += 2) {
            film[i] = (byte) 0xFF;
            film[i + 1] = (byte) 0xDA;
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(jpeg);
        file.writeBytes(film);
        assertThat(decoder.decode(file.toByteArray(), 3).width()).isEqualTo(40);
    }

    /** Values of no size, four billion of them. */
    @Test
    void aTiffOfCountlessStrips() throws InterruptedException {
        byte[] tiff = TestFiles.write("tiff", IMAGE);
        for (int tag : new int[] {273, 279}) {
            ByteBuffer entry = entry(tiff, tag);
            entry.putShort(entry.position() + 2, (short) 0).putInt(entry.position() + 4, -1);
        }
        within(tiff, input -> assertThat(refused(input).code()).isEqualTo("TRUNCATED"));
    }

    @ParameterizedTest
    @CsvSource({"60000, 60000", "-1, 16", "-1, -1"})
    void aTiffWithTilesLargerThanTheLimit(int width, int height) throws InterruptedException {
        byte[] tiff = TestFiles.write("tiff", IMAGE);
        // Two entries that decoding does not need become those of its tiles.
        replace(tiff, 282, 322, width);
        replace(tiff, 283, 323, height);
        within(tiff, input -> assertThat(refused(input).code()).isEqualTo("IMAGE_TOO_LARGE"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 65535})
    void aTiffWithManySamples(int samples) throws InterruptedException {
        byte[] tiff = TestFiles.write("tiff", IMAGE);
        ByteBuffer entry = entry(tiff, 277);
        entry.putShort(entry.position() + 8, (short) samples);
        within(
                tiff,
                input ->
                        assertThat(refused(input).message())
                                .endsWith("found %d samples a pixel".formatted(samples)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 17, 24, 30, 65535})
    void aTiffWithSamplesOfManyBits(int bits) throws InterruptedException {
        byte[] tiff = TestFiles.write("tiff", IMAGE);
        ByteBuffer entry = entry(tiff, 258);
        int values = entry.getInt(entry.position() + 8);
        entry.putShort(values, (short) bits);
        within(
                tiff,
                input ->
                        assertThat(refused(input).message())
                                .endsWith("found samples of %d bits".formatted(bits)));
    }

    /** A profile of a megabyte packed to a thousandth, and a text likewise: neither is unpacked. */
    @Test
    void aPngWithPackedTexts() throws InterruptedException {
        byte[] png = TestFiles.write("png", IMAGE);
        byte[] zeros = TestFiles.deflated(new byte[64 << 20]);
        for (String type : new String[] {"iCCP", "zTXt"}) {
            ByteBuffer data = ByteBuffer.allocate(zeros.length + 3);
            data.put((byte) 'x').put((byte) 0).put((byte) 0).put(zeros);
            png = TestFiles.insertIntoPng(png, TestFiles.pngChunk(type, data.array()));
        }
        within(png, input -> assertThat(decoder.decode(input, 3).width()).isEqualTo(40));
    }

    private static ByteBuffer entry(byte[] tiff, int tag) {
        ByteBuffer file = ByteBuffer.wrap(tiff);
        file.order(tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int directory = file.getInt(4);
        for (int i = 0; i < file.getShort(directory); i++) {
            int at = directory + 2 + 12 * i;
            if (file.getShort(at) == tag) {
                return file.position(at);
            }
        }
        throw new AssertionError("No tag " + tag);
    }

    private static void replace(byte[] tiff, int tag, int other, int value) {
        ByteBuffer entry = entry(tiff, tag);
        int at = entry.position();
        entry.putShort(at, (short) other).putShort(at + 2, (short) 4).putInt(at + 4, 1);
        entry.putInt(at + 8, value);
    }

    private Failure refused(byte[] file) {
        FailureException thrown =
                catchThrowableOfType(FailureException.class, () -> decoder.decode(file, 3));
        assertThat(thrown).as("decoded instead of refused").isNotNull();
        return thrown.failure();
    }

    /** Within the harness's deadline and little memory. */
    private static void within(byte[] file, Fuzz.Reader reader) throws InterruptedException {
        Fuzz.of("hostile picture", e -> false, e -> "")
                .inputs(1)
                .allocating(4, 4 << 20)
                .run(random -> file, reader);
    }
}
