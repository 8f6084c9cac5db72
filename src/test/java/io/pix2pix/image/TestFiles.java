package io.pix2pix.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Image files made for tests: by ImageIO, or byte by byte where it cannot. */
final class TestFiles {
    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'};

    private TestFiles() {}

    /** A file as ImageIO writes it: jpeg, png, bmp, gif, tiff, webp. */
    static byte[] write(String format, BufferedImage image) {
        return write(format, new IIOImage(image, null, null), "");
    }

    /** {@code compression} is one of the writer's types; empty for its default. */
    static byte[] write(String format, IIOImage image, String compression) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (!compression.isEmpty()) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionType(compression);
            }
            writer.setOutput(out);
            writer.write(null, image, param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** The samples as an image of the given {@link BufferedImage} type. */
    static BufferedImage image(Pixels pixels, int type) {
        BufferedImage image = new BufferedImage(pixels.width(), pixels.height(), type);
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                for (int c = 0; c < pixels.channels(); c++) {
                    image.getRaster().setSample(x, y, c, pixels.sample(x, y, c));
                }
            }
        }
        return image;
    }

    static Raster raster(Pixels pixels) {
        WritableRaster raster =
                Raster.createInterleavedRaster(
                        DataBuffer.TYPE_BYTE,
                        pixels.width(),
                        pixels.height(),
                        pixels.channels(),
                        null);
        raster.setDataElements(0, 0, pixels.width(), pixels.height(), pixels.bytes());
        return raster;
    }

    /**
     * A PNG whose rows are packed already.
     *
     * @param colorType 0 gray, 2 colour, 3 palette, 4 gray and alpha, 6 colour and alpha
     * @param rows each with its filter byte
     * @param extra chunks between header and data
     */
    static byte[] png(
            int width,
            int height,
            int depth,
            int colorType,
            boolean interlaced,
            byte[] rows,
            byte[]... extra) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(PNG_SIGNATURE);
        byte[] header =
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put((byte) depth)
                        .put((byte) colorType)
                        .put((byte) 0)
                        .put((byte) 0)
                        .put((byte) (interlaced ? 1 : 0))
                        .array();
        out.writeBytes(pngChunk("IHDR", header));
        for (byte[] chunk : extra) {
            out.writeBytes(chunk);
        }
        out.writeBytes(pngChunk("IDAT", deflated(rows)));
        out.writeBytes(pngChunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    static byte[] pngChunk(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(data.length + 12);
        chunk.putInt(data.length).put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, data.length + 4);
        return chunk.putInt((int) crc.getValue()).array();
    }

    /** {@code chunk} put behind the header chunk. */
    static byte[] insertIntoPng(byte[] png, byte[] chunk) {
        return insert(png, 33, chunk);
    }

    /** An EXIF block that says nothing but the orientation. */
    static byte[] exif(int orientation, ByteOrder order) {
        return ByteBuffer.allocate(26)
                .order(order)
                .put(
                        (order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM")
                                .getBytes(StandardCharsets.US_ASCII))
                .putShort((short) 42)
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }

    /** A segment put behind the start marker. */
    static byte[] insertIntoJpeg(byte[] jpeg, int marker, byte[] payload) {
        ByteBuffer segment = ByteBuffer.allocate(payload.length + 4);
        segment.put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (payload.length + 2))
                .put(payload);
        return insert(jpeg, 2, segment.array());
    }

    /** An extended WebP with the picture of a simple one and an EXIF block. */
    static byte[] webpWithExif(byte[] simple, int width, int height, byte[] exif) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer head = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
        head.put("VP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(8);
        head.putShort((short) (width - 1))
                .put((byte) 0)
                .putShort((short) (height - 1))
                .put((byte) 0);
        out.writeBytes(head.array());
        out.write(simple, 12, simple.length - 12);
        ByteBuffer block =
                ByteBuffer.allocate(8 + exif.length + exif.length % 2)
                        .order(ByteOrder.LITTLE_ENDIAN);
        block.put("EXIF".getBytes(StandardCharsets.US_ASCII)).putInt(exif.length).put(exif);
        out.writeBytes(block.array());
        return riff(out.toByteArray());
    }

    static byte[] riff(byte[] chunks) {
        return ByteBuffer.allocate(12 + chunks.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(chunks.length + 4)
                .put("WEBP".getBytes(StandardCharsets.US_ASCII))
                .put(chunks)
                .array();
    }

    private static byte[] insert(byte[] file, int at, byte[] part) {
        return ByteBuffer.allocate(file.length + part.length)
                .put(file, 0, at)
                .put(part)
                .put(file, at, file.length - at)
                .array();
    }

    static byte[] deflated(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
            deflater.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
