package io.pix2pix.image;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Turns pixels into image files. The same pixels give the same bytes (with the same JDK: its zlib
 * and libjpeg decide). Safe for use by any number of threads.
 */
public final class Encoder {
    private static final int MAX_JPEG_SIDE = 65_500;

    private Encoder() {}

    /**
     * A PNG of 8 bits.
     *
     * @param image 1 or 3 channels of 8 bits
     * @throws FailureException stage ENCODE, code UNSUPPORTED_PIXELS
     */
    public static byte[] png(Pixels image) {
        requireEncodable(image);
        return PngWriter.write(image);
    }

    /**
     * A baseline JPEG (JFIF); colour is stored with half the chroma resolution (4:2:0).
     *
     * @param image 1 or 3 channels of 8 bits
     * @param quality 1 to 100, libjpeg's scale
     * @throws FailureException stage ENCODE, code UNSUPPORTED_PIXELS
     */
    public static byte[] jpeg(Pixels image, int quality) {
        requireEncodable(image);
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("JPEG quality is 1 to 100, not " + quality);
        }
        if (Math.max(image.width(), image.height()) > MAX_JPEG_SIDE) {
            throw unsupported(
                    "A JPEG has at most %d pixels a side".formatted(MAX_JPEG_SIDE), image);
        }
        var bytes = new ByteArrayOutputStream(image.bytes().length / 4 + 1024);
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriter writer = Plugins.JPEG_WRITER.createWriterInstance();
            try {
                ImageWriteParam param = writer.getDefaultWriteParam();
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionQuality(quality / 100f);
                writer.setOutput(out);
                writer.write(null, new IIOImage(view(image), null, null), param);
            } finally {
                writer.dispose();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Memory does not fail to be written to", e);
        }
        return bytes.toByteArray();
    }

    /** The samples as ImageIO wants them, not copied. */
    private static BufferedImage view(Pixels image) {
        int channels = image.channels();
        int[] offsets = channels == 1 ? new int[] {0} : new int[] {0, 1, 2};
        WritableRaster raster =
                Raster.createInterleavedRaster(
                        new DataBufferByte(image.bytes(), image.bytes().length),
                        image.width(),
                        image.height(),
                        image.width() * channels,
                        channels,
                        offsets,
                        null);
        ColorSpace space =
                ColorSpace.getInstance(channels == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        ColorModel model =
                new ComponentColorModel(
                        space, false, false, ColorModel.OPAQUE, DataBuffer.TYPE_BYTE);
        return new BufferedImage(model, raster, false, null);
    }

    private static void requireEncodable(Pixels image) {
        boolean encodable = image.bits() == 8 && (image.channels() == 1 || image.channels() == 3);
        if (!encodable) {
            throw unsupported("Expected 1 or 3 channels of 8 bits", image);
        }
    }

    private static FailureException unsupported(String expected, Pixels image) {
        return new FailureException(
                Failure.permanent(
                        Stage.ENCODE, "UNSUPPORTED_PIXELS", expected + ", found " + image));
    }
}
