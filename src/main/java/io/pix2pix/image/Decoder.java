package io.pix2pix.image;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.Rectangle;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/**
 * Turns image files into pixels: JPEG, PNG, BMP, GIF (first frame), TIFF (first page) and WebP,
 * told by their content.
 *
 * <p>The pixels are Pillow's, bit by bit, as {@code Image.open(f).convert("RGB")} or {@code "L"}
 * gives them: no colour profile is applied, alpha is dropped and not blended, palettes are
 * expanded, CMYK is converted plainly. Two things are better: the EXIF orientation is honoured, and
 * 16 bits stay 16 bits.
 *
 * <p>Safe for use by any number of threads.
 */
public final class Decoder {
    /** Enough for the largest cameras; three bytes a pixel make it 300 MB while decoding. */
    public static final long DEFAULT_MAX_PIXELS = 100_000_000;

    private final long maxPixels;

    public Decoder() {
        this(DEFAULT_MAX_PIXELS);
    }

    /**
     * @param maxPixels the largest width × height that is decoded; larger images are refused from
     *     their header, before memory is taken
     */
    public Decoder(long maxPixels) {
        // Beyond this Java's arrays would not hold three samples a pixel.
        this.maxPixels = Math.min(maxPixels, Integer.MAX_VALUE / 3 - 8);
    }

    /** Decodes the whole picture; see {@link #decode(byte[], int, Region)}. */
    public Pixels decode(byte[] file, int channels) {
        return decode(file, channels, Region.WHOLE);
    }

    /**
     * Decodes a picture or its half.
     *
     * @param file the file's content; its name does not matter
     * @param channels 1 for gray, 3 for red-green-blue, whatever the file has
     * @param region which part of the upright picture
     * @return 16 bits a sample where the file has more than 8, else 8
     * @throws io.pix2pix.failure.FailureException stage DECODE with code EMPTY_FILE, NOT_AN_IMAGE,
     *     UNSUPPORTED_FORMAT, TRUNCATED, CORRUPT, IMAGE_TOO_LARGE or CHANNELS; the message does not
     *     name the file
     */
    public Pixels decode(byte[] file, int channels, Region region) {
        if (channels != 1 && channels != 3) {
            throw Problem.CHANNELS.because(
                    "Image files are decoded to 1 or 3 channels, the network takes " + channels);
        }
        ImageFormat format = ImageFormat.of(file);
        try {
            Pixels upright =
                    switch (format) {
                        case JPEG -> jpeg(file, region);
                        case PNG -> png(file, region);
                        case BMP -> any(file, Plugins.BMP, Orientation.NORMAL, region);
                        case GIF -> any(file, Plugins.GIF, Orientation.NORMAL, region);
                        case TIFF ->
                                any(
                                        file,
                                        Plugins.TIFF,
                                        Exif.orientation(file, 0, file.length),
                                        region);
                        case WEBP -> any(file, Plugins.WEBP, Orientation.NORMAL, region);
                    };
            return Colors.toChannels(upright, channels);
        } catch (EOFException e) {
            throw Problem.TRUNCATED.because(
                    "The %s ends after %d bytes, before its last pixel"
                            .formatted(format, file.length),
                    e);
        } catch (IOException e) {
            throw Problem.CORRUPT.because(
                    "The %s cannot be decoded: %s".formatted(format, e.getMessage()), e);
        }
    }

    private Pixels jpeg(byte[] file, Region region) throws IOException {
        JpegHeader header = JpegHeader.read(file);
        requireSize(header.width(), header.height());
        return upright(
                header.width(),
                header.height(),
                header.orientation(),
                region,
                part -> Jpeg.read(file, header, part));
    }

    private Pixels png(byte[] file, Region region) throws IOException {
        PngFile png = PngFile.read(file);
        requireSize(png.width(), png.height());
        return any(png.essential(), Plugins.PNG, png.orientation(), region);
    }

    private Pixels any(byte[] file, ImageReaderSpi plugin, Orientation orientation, Region region)
            throws IOException {
        try (ImageInputStream in = new ByteArrayImageInputStream(file)) {
            ImageReader reader = plugin.createReaderInstance();
            List<String> warnings = new ArrayList<>();
            try {
                reader.setInput(in, true, true);
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                requireSize(width, height);
                ImageReadParam param = reader.getDefaultReadParam();
                return upright(
                        width,
                        height,
                        orientation,
                        region,
                        part -> RasterPixels.of(reader.read(0, param), part));
            } finally {
                reader.dispose();
            }
        }
    }

    private interface PartReader {
        Pixels read(Rectangle part) throws IOException;
    }

    /** Reads only the region where the picture stands upright, else all of it to turn it first. */
    private static Pixels upright(
            int width, int height, Orientation orientation, Region region, PartReader reader)
            throws IOException {
        if (orientation == Orientation.NORMAL) {
            Rectangle part = region.in(width, height);
            if (part.isEmpty()) {
                throw Problem.UNSUPPORTED_FORMAT.because(
                        "A picture of %d x %d pixels has no two halves".formatted(width, height));
            }
            return reader.read(part);
        }
        Pixels turned = orientation.apply(reader.read(new Rectangle(width, height)));
        return region.of(turned);
    }

    private void requireSize(int width, int height) {
        if (width <= 0 || height <= 0) {
            throw Problem.CORRUPT.because(
                    "An image cannot have %d x %d pixels".formatted(width, height));
        }
        long pixels = (long) width * height;
        if (pixels > maxPixels) {
            throw Problem.IMAGE_TOO_LARGE.because(
                    "Expected at most %,d pixels, found %d x %d"
                            .formatted(maxPixels, width, height));
        }
    }
}
