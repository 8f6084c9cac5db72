package io.pix2pix.image;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.io.IOException;
import javax.imageio.spi.ImageReaderSpi;

/** A file that is left to an ImageIO plug-in, header and all. */
record PluginFile(
        ImageReaderSpi plugin, byte[] file, int width, int height, Orientation orientation)
        implements ImageFile {

    static PluginFile open(ImageReaderSpi plugin, byte[] file, Orientation orientation)
            throws IOException {
        Dimension size = Plugins.size(plugin, file);
        return new PluginFile(plugin, file, size.width, size.height, orientation);
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        return RasterPixels.of(Plugins.read(plugin, file), part);
    }
}
