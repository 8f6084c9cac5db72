package io.pix2pix.image;

import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.testing.Fuzz;
import io.pix2pix.testing.Mutations;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged pictures: each is decoded or refused in order, and its size told or not. */
class ImageFuzzTest {
    private static final Set<String> CODES =
            Set.of(
                    "EMPTY_FILE",
                    "NOT_AN_IMAGE",
                    "UNSUPPORTED_FORMAT",
                    "TRUNCATED",
                    "CORRUPT",
                    "IMAGE_TOO_LARGE");

    /** Above what the seeds have, so that larger pictures are decoded, too. */
    private static final int MAX_PIXELS = 20_000;

    private final Decoder decoder = new Decoder(MAX_PIXELS);

    private static Fuzz fuzz(String name) {
        return Fuzz.of(
                name,
                e ->
                        e instanceof FailureException f
                                && f.failure().stage() == Stage.DECODE
                                && !f.failure().retriable()
                                && CODES.contains(f.failure().code()),
                e -> ((FailureException) e).failure().code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpeg", "png", "bmp", "gif", "tiff", "webp"})
    void headers(String format) throws InterruptedException {
        List<byte[]> seeds = seeds(format);
        Mutations mutations = mutations(format);
        Fuzz fuzz = fuzz(format + " header");
        fuzz.expecting("ok", "CORRUPT", "TRUNCATED");
        fuzz.run(
                random -> next(mutations, seeds, format, random),
                input -> {
                    int head = Math.max(1, input.length * 2 / 3);
                    decoder.size(Arrays.copyOf(input, Math.min(input.length, head)), input.length);
                    decoder.size(input, input.length);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpeg", "png", "bmp", "gif", "tiff", "webp"})
    void pictures(String format) throws InterruptedException {
        List<byte[]> seeds = seeds(format);
        for (byte[] seed : seeds) {
            decoder.decode(seed, 3);
        }
        Mutations mutations = mutations(format);
        Fuzz fuzz = fuzz(format + " picture");
        fuzz.expecting("ok", "CORRUPT", "TRUNCATED");
        fuzz.run(
                random -> next(mutations, seeds, format, random),
                input -> decoder.decode(input, input.length % 2 == 0 ? 3 : 1));
    }

    private static byte[] next(
            Mutations mutations, List<byte[]> seeds, String format, Random random) {
        if (format.equals("tiff") && random.nextBoolean()) {
            return withBentEntry(seeds.get(random.nextInt(seeds.size())), random);
        }
        byte[] input = mutations.of(seeds, random);
        // Nothing behind a wrong checksum is looked at.
        return format.equals("png") && random.nextInt(4) != 0 ? withChecksums(input) : input;
    }

    /** A TIFF with one to three entries of its directory changed. */
    private static byte[] withBentEntry(byte[] tiff, Random random) {
        ByteBuffer file = ByteBuffer.wrap(tiff.clone());
        file.order(tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int[] numbers = {0, 1, 2, 3, 4, 5, 8, 16, 100, 255, 1000, 65535, 1 << 20, 1 << 30, -1, -2};
        int[] tags = {
            254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323,
            324, 325, 330, 338, 339, 347, 530, 34665, 34675
        };
        int directory = file.getInt(4);
        for (int i = 0; i <= random.nextInt(3); i++) {
            int entry = directory + 2 + 12 * random.nextInt(file.getShort(directory));
            int number = numbers[random.nextInt(numbers.length)];
            switch (random.nextInt(5)) {
                case 0 -> file.putShort(entry, (short) tags[random.nextInt(tags.length)]);
                case 1 -> file.putShort(entry + 2, (short) random.nextInt(15));
                case 2 -> file.putInt(entry + 4, number);
                case 3 -> file.putShort(entry + 8, (short) number);
                default -> file.putInt(entry + 8, number);
            }
        }
        return file.array();
    }

    private static byte[] withChecksums(byte[] png) {
        ByteBuffer file = ByteBuffer.wrap(png.clone());
        int at = 8;
        while (at + 12 <= png.length) {
            int length = file.getInt(at);
            if (length < 0 || length > png.length - at - 12) {
                break;
            }
            CRC32 crc = new CRC32();
            crc.update(file.array(), at + 4, length + 4);
            file.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
        return file.array();
    }

    private static byte[] tiled(BufferedImage image) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
            param.setTiling(16, 16, 0, 0);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static Mutations mutations(String format) {
        String[] tokens =
                switch (format) {
                    case "jpeg" ->
                            new String[] {
                                "\u00ff\u00d8", "\u00ff\u00d9", "\u00ff\u00da", "\u00ff\u00c0",
                                        "\u00ff\u00c2",
                                "\u00ff\u00c4", "\u00ff\u00db", "\u00ff\u00dd",
                                        "\u00ff\u00e1\u0000 Exif\0\0II*\0",
                                        "\u00ff\u00ee\0\u000eAdobe"
                            };
                    case "png" ->
                            new String[] {
                                "IHDR", "PLTE", "IDAT", "IEND", "eXIf", "tRNS", "iCCP", "\0\0\0\0"
                            };
                    case "gif" ->
                            new String[] {
                                "!\u00fe", "!\u00f9\u0004", "!\u00ff", ",", ";", "GIF89a"
                            };
                    case "webp" ->
                            new String[] {"VP8 ", "VP8L", "VP8X", "ANMF", "EXIF", "ALPH", "ANIM"};
                    case "tiff" ->
                            new String[] {
                                "\u0001\u0001", "\u0001\u0000", "\u0001\u0002", "\u0001\u0003",
                                        "\u0001\u0011", "\u0001\u0015",
                                "\u0001\u0016", "\u0001\u0017", "\u0001B", "\u0001C", "\u0001D",
                                        "\u0001E",
                                "\0\0\0\0\0\0\0\0"
                            };
                    default ->
                            new String[] {
                                "\u000c\0\0\0", "(\0\0\0", "\u0001\0\0\0", "\u0002\0\0\0"
                            };
                };
        return new Mutations(
                Stream.of(tokens).map(t -> t.getBytes(StandardCharsets.ISO_8859_1)).toList());
    }

    private static List<byte[]> seeds(String format) {
        Pixels photo = TestImages.photo(12, 10, 3, 11);
        BufferedImage image = TestFiles.image(photo, BufferedImage.TYPE_INT_RGB);
        List<byte[]> seeds = new ArrayList<>(List.of(TestFiles.write(format, image)));
        byte[] exif = TestFiles.exif(6, ByteOrder.LITTLE_ENDIAN);
        switch (format) {
            case "jpeg" -> {
                ByteBuffer payload = ByteBuffer.allocate(6 + exif.length);
                payload.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(exif);
                seeds.add(TestFiles.insertIntoJpeg(seeds.get(0), 0xE1, payload.array()));
            }
            case "png" -> {
                seeds.add(TestFiles.insertIntoPng(seeds.get(0), TestFiles.pngChunk("eXIf", exif)));
                seeds.add(TestFiles.png(4, 4, 16, 0, true, new byte[60]));
            }
            case "webp" -> seeds.add(TestFiles.webpWithExif(seeds.get(0), 12, 10, exif));
            case "tiff" -> {
                for (String compression : List.of("LZW", "ZLib", "PackBits", "JPEG")) {
                    seeds.add(
                            TestFiles.write(format, new IIOImage(image, null, null), compression));
                }
                seeds.add(tiled(image));
            }
            case "gif" ->
                    seeds.add(
                            TestFiles.write(
                                    format, TestFiles.image(photo, BufferedImage.TYPE_3BYTE_BGR)));
            default ->
                    seeds.add(
                            TestFiles.write(
                                    format,
                                    TestFiles.image(
                                            TestImages.photo(12, 10, 1, 3),
                                            BufferedImage.TYPE_BYTE_GRAY)));
        }
        return seeds;
    }
}
