package io.pix2pix.image;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ImageReaderWriterSpi;
import javax.imageio.spi.ImageWriterSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * The image codecs that the application uses: the JDK's own and TwelveMonkeys' WebP, looked up
 * once.
 *
 * <p>They are picked out by name, so that it does not matter what else lies on the class path, nor
 * which class loader a thread has: ImageIO itself would ask the thread's. A provider only makes
 * readers and may be used by all threads; the readers it makes may not.
 */
final class Plugins {
    static final ImageReaderSpi JPEG = own(ImageReaderSpi.class, "jpeg");
    static final ImageReaderSpi PNG = own(ImageReaderSpi.class, "png");
    static final ImageReaderSpi BMP = own(ImageReaderSpi.class, "bmp");
    static final ImageReaderSpi GIF = own(ImageReaderSpi.class, "gif");
    static final ImageReaderSpi TIFF = own(ImageReaderSpi.class, "tiff");
    static final ImageReaderSpi WEBP = new WebPImageReaderSpi();
    static final ImageWriterSpi JPEG_WRITER = own(ImageWriterSpi.class, "jpeg");

    private Plugins() {}

    /** The first image's size, from its header. */
    static Dimension size(ImageReaderSpi plugin, byte[] file) throws IOException {
        ImageReader reader = plugin.createReaderInstance();
        try (ImageInputStream in = new ArrayImageInputStream(file)) {
            reader.setInput(in, true, true);
            return new Dimension(reader.getWidth(0), reader.getHeight(0));
        } finally {
            reader.dispose();
        }
    }

    /** Decodes the first image. */
    static BufferedImage read(ImageReaderSpi plugin, byte[] file) throws IOException {
        ImageReader reader = plugin.createReaderInstance();
        try (ImageInputStream in = new ArrayImageInputStream(file)) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } finally {
            reader.dispose();
        }
    }

    private static <T extends ImageReaderWriterSpi> T own(Class<T> kind, String format) {
        Iterator<T> found =
                IIORegistry.getDefaultInstance()
                        .getServiceProviders(kind, p -> isOwn(p, format), false);
        if (!found.hasNext()) {
            throw new IllegalStateException(
                    "This JDK has no %s for %s".formatted(kind.getSimpleName(), format));
        }
        return found.next();
    }

    private static boolean isOwn(Object provider, String format) {
        return provider.getClass().getModule() == ImageIO.class.getModule()
                && Arrays.stream(((ImageReaderWriterSpi) provider).getFormatNames())
                        .anyMatch(name -> name.toLowerCase(Locale.ROOT).equals(format));
    }
}
