package io.pix2pix.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads JPEG files by the JDK's libjpeg. The samples are taken raw, before any conversion, because
 * what ImageIO makes of colours depends on profiles and guesses that differ from libjpeg's own.
 */
final class JpegSamples {
    private JpegSamples() {}

    /** As many channels as the file has components, whatever they mean. */
    static Pixels read(byte[] file) throws IOException {
        Raster raster = raster(file);
        byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
        return Pixels.of8(raster.getWidth(), raster.getHeight(), raster.getNumBands(), samples);
    }

    private static Raster raster(byte[] file) throws IOException {
        List<String> warnings = new ArrayList<>();
        try (ImageInputStream in = new ArrayImageInputStream(file)) {
            ImageReader reader = Plugins.JPEG.createReaderInstance();
            try {
                reader.setInput(in, true, true);
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                Raster raster = reader.readRaster(0, null);
                warnings.stream()
                        .filter(JpegSamples::isDamage)
                        .findFirst()
                        .ifPresent(JpegSamples::refuse);
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
