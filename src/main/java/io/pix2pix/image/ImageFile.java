package io.pix2pix.image;

import java.awt.Rectangle;
import java.io.IOException;

/** An image file whose header is read and whose pixels are not. */
interface ImageFile {
    /** Of the picture as it is stored, before it is turned upright. */
    int width();

    int height();

    Orientation orientation();

    /** Pixels that decoding takes memory for. */
    default long decodedPixels() {
        return (long) width() * height();
    }

    /**
     * Decodes.
     *
     * @param part what is wanted of the picture as it is stored
     * @return 1 channel for gray, 3 for colour
     */
    Pixels read(Rectangle part) throws IOException;

    /**
     * Reads the header, and what else tells without decoding that the file is whole.
     *
     * @throws io.pix2pix.failure.FailureException TRUNCATED, CORRUPT, UNSUPPORTED_FORMAT
     */
    static ImageFile open(ImageFormat format, byte[] file) throws IOException {
        return switch (format) {
            case JPEG -> JpegFile.open(file);
            case PNG -> PngFile.open(file);
            case GIF -> GifFile.open(file);
            case WEBP -> WebpFile.open(file);
            case BMP -> PluginFile.openBmp(file);
            case TIFF -> PluginFile.openTiff(file);
        };
    }
}
