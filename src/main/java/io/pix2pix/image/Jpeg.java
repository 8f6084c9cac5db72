package io.pix2pix.image;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.Rectangle;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads JPEG files by the JDK's libjpeg. Its samples are taken raw, before any conversion, because
 * what ImageIO makes of colours depends on profiles and guesses that differ from libjpeg's own.
 */
final class Jpeg {
    private Jpeg() {}

    /**
     * @param part what is wanted of the picture as stored
     * @return 1 channel for gray, 3 for colour
     */
    static Pixels read(byte[] file, JpegHeader header, Rectangle part) throws IOException {
        Raster raster = raster(file);
        byte[] all = ((DataBufferByte) raster.getDataBuffer()).getData();
        int components = raster.getNumBands();
        Pixels stored = Pixels.of8(raster.getWidth(), raster.getHeight(), components, all);
        Pixels cut = Crop.of(stored, part);
        byte[] samples = cut.bytes();
        return switch (header.colors()) {
            case GRAY, RGB -> cut;
            case YCC -> {
                Colors.yccToRgb(samples, 3);
                yield cut;
            }
            case CMYK -> rgb(part, samples);
            case CMYK_INVERTED -> {
                invert(samples, 4);
                yield rgb(part, samples);
            }
            case YCCK_INVERTED -> {
                // libjpeg takes the complement of red, green and blue for the inks, and Adobe's
                // inversion takes it back: only black is left to invert.
                Colors.yccToRgb(samples, 4);
                invert(samples, 1);
                yield rgb(part, samples);
            }
        };
    }

    private static Pixels rgb(Rectangle part, byte[] cmyk) {
        return Pixels.of8(part.width, part.height, 3, Colors.cmykToRgb(cmyk));
    }

    /** Inverts the last {@code count} of every four bytes. */
    private static void invert(byte[] cmyk, int count) {
        for (int i = 4 - count; i < cmyk.length; i += count == 4 ? 1 : 4) {
            cmyk[i] = (byte) ~cmyk[i];
        }
    }

    private static Raster raster(byte[] file) throws IOException {
        List<String> warnings = new ArrayList<>();
        try (ImageInputStream in = new ByteArrayImageInputStream(file)) {
            ImageReader reader = Plugins.JPEG.createReaderInstance();
            try {
                reader.setInput(in, true, true);
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                Raster raster = reader.readRaster(0, null);
                warnings.stream().filter(Jpeg::isDamage).findFirst().ifPresent(Jpeg::refuse);
                return raster;
            } finally {
                reader.dispose();
            }
        }
    }

    /** libjpeg goes on after damage and says so; stray bytes between segments do no harm. */
    private static boolean isDamage(String warning) {
        return warning.startsWith("Corrupt JPEG data") && !warning.contains("extraneous bytes");
    }

    private static void refuse(String warning) {
        throw Problem.CORRUPT.because("The JPEG's pixels are damaged: " + warning);
    }
}
