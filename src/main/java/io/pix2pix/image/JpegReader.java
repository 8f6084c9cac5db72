package io.pix2pix.image;

import java.awt.Rectangle;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Reads JPEG files by the JDK's libjpeg. */
final class JpegReader {
    private JpegReader() {}

    /** Three components as red, green and blue; libjpeg converts them. */
    static Pixels readRgb(byte[] jfif, Rectangle part) throws IOException {
        Pixels rgb = Pixels.of8(part.width, part.height, 3, new byte[samples(part, 3)]);
        return read(
                jfif,
                part,
                (reader, param) -> {
                    param.setDestination(RasterPixels.view(rgb));
                    reader.read(0, param);
                    return rgb;
                });
    }

    /** As many channels as the file has components, whatever they mean. */
    static Pixels readRaw(byte[] jfif, Rectangle part) throws IOException {
        return read(
                jfif,
                part,
                (reader, param) -> {
                    Raster raster = reader.readRaster(0, param);
                    byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
                    return Pixels.of8(part.width, part.height, raster.getNumBands(), samples);
                });
    }

    private interface Reading {
        Pixels by(ImageReader reader, ImageReadParam param) throws IOException;
    }

    private static Pixels read(byte[] jfif, Rectangle part, Reading reading) throws IOException {
        List<String> warnings = new ArrayList<>();
        ImageReader reader = Plugins.JPEG.createReaderInstance();
        try (ImageInputStream in = new ArrayImageInputStream(jfif)) {
            reader.setInput(in, true, true);
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            ImageReadParam param = reader.getDefaultReadParam();
            param.setSourceRegion(part);
            Pixels pixels = reading.by(reader, param);
            warnings.stream()
                    .filter(JpegReader::isDamage)
                    .findFirst()
                    .ifPresent(JpegReader::refuse);
            return pixels;
        } finally {
            reader.dispose();
        }
    }

    private static int samples(Rectangle part, int channels) {
        return Math.multiplyExact(Math.multiplyExact(part.width, part.height), channels);
    }

    /** libjpeg goes on after damage and says so; stray bytes between segments do no harm. */
    private static boolean isDamage(String warning) {
        return warning.startsWith("Corrupt JPEG data") && !warning.contains("extraneous bytes");
    }

    private static void refuse(String warning) {
        throw Problem.CORRUPT.because("The JPEG's pixels are damaged: " + warning);
    }
}
