package io.pix2pix.image;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
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
                writer.write(null, new IIOImage(RasterPixels.view(image), null, null), param);
            } finally {
                writer.dispose();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Memory does not fail to be written to", e);
        }
        return bytes.toByteArray();
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
