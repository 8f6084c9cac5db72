package io.pix2pix.image;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.io.IOException;
import javax.imageio.spi.ImageReaderSpi;

/** A file that is left to an ImageIO plug-in, header and all. */
record PluginFile(
        ImageReaderSpi plugin,
        byte[] file,
        int width,
        int height,
        long decodedPixels,
        Orientation orientation)
        implements ImageFile {
    private static final int BMP_HEADERS = 26;

    /** The header of OS/2 1.0, with sizes of 16 bits. */
    private static final int BMP_CORE_HEADER = 12;

    /** The size is read here: the plug-in takes large ones for damage. */
    static PluginFile openBmp(byte[] file) {
        if (file.length < BMP_HEADERS) {
            throw Problem.TRUNCATED.because(
                    "The BMP ends after %d bytes, inside its header".formatted(file.length));
        }
        boolean core = Bytes.u32le(file, 14) == BMP_CORE_HEADER;
        int width = core ? Bytes.u16le(file, 18) : (int) Bytes.u32le(file, 18);
        int height = core ? Bytes.u16le(file, 20) : Math.abs((int) Bytes.u32le(file, 22));
        long pixels = (long) width * height;
        return new PluginFile(Plugins.BMP, file, width, height, pixels, Orientation.NORMAL);
    }

    static PluginFile openTiff(byte[] file) throws IOException {
        TiffDirectory directory = new TiffDirectory(file, 0, file.length);
        if (!directory.isWhole()) {
            // The plug-in fills in what is missing.
            throw Problem.TRUNCATED.because(
                    "The TIFF points beyond its end at %d bytes".formatted(file.length));
        }
        directory
                .wrongSamples()
                .ifPresent(
                        found -> {
                            throw Problem.UNSUPPORTED_FORMAT.because(
                                    "Expected a TIFF with samples of 8 or 16 bits, found " + found);
                        });
        Dimension size = Plugins.size(Plugins.TIFF, file);
        long pixels = Math.max(directory.tilePixels(), (long) size.width * size.height);
        return new PluginFile(
                Plugins.TIFF, file, size.width, size.height, pixels, directory.orientation());
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        return RasterPixels.of(Plugins.read(plugin, file), part);
    }
}
