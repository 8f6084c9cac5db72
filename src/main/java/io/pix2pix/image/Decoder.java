package io.pix2pix.image;

import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import java.awt.Rectangle;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;

/**
 * Turns image files into pixels: JPEG, PNG, BMP, GIF (first frame), TIFF (first page) and WebP,
 * told by their content.
 *
 * <p>The pixels are Pillow's, bit by bit, as {@code Image.open(f).convert("RGB")} or {@code "L"}
 * gives them: no colour profile is applied, alpha is dropped and not blended, palettes are
 * expanded, CMYK is converted plainly. Two things are better: the EXIF orientation is honoured, and
 * 16 bits stay 16 bits. One thing may differ: the colours of a TIFF with a palette, by one level.
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
        // Beyond this Java's arrays would not hold four samples a pixel.
        this.maxPixels = Math.min(maxPixels, Integer.MAX_VALUE / 4);
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
     *     UNSUPPORTED_FORMAT, TRUNCATED, CORRUPT, IMAGE_TOO_LARGE, CHANNELS, or the retriable
     *     OUT_OF_MEMORY; the message does not name the file
     */
    public Pixels decode(byte[] file, int channels, Region region) {
        if (channels != 1 && channels != 3) {
            throw Problem.CHANNELS.because(
                    "Image files are decoded to 1 or 3 channels, the network takes " + channels);
        }
        ImageFormat format = ImageFormat.of(file);
        return guarded(
                format,
                file.length,
                () -> {
                    ImageFile image = ImageFile.open(format, file);
                    requireSize(image.width(), image.height());
                    requireDecodable(image);
                    return Colors.toChannels(read(image, region), channels);
                });
    }

    /**
     * The upright picture's size, from the first bytes of its file where they hold it.
     *
     * @param head the file's first bytes, or all of it: then it is known to be whole, too
     * @param fileSize of the whole file, bytes
     * @return empty when it takes the whole file to tell
     * @throws io.pix2pix.failure.FailureException as {@link #decode(byte[], int, Region)} does
     */
    public Optional<ImageSize> size(byte[] head, long fileSize) {
        ImageFormat format = ImageFormat.of(head);
        boolean whole = head.length >= fileSize;
        return guarded(
                format,
                head.length,
                () -> {
                    ImageHeader header =
                            whole
                                    ? ImageHeader.of(ImageFile.open(format, head))
                                    : ImageHeader.find(format, head);
                    if (header == null) {
                        return Optional.empty();
                    }
                    requireSize(header.width(), header.height());
                    return Optional.of(header.upright());
                });
    }

    private interface Reading<T> {
        T run() throws IOException;
    }

    /** Tells what plug-ins throw at files as what is wrong with the file. */
    private <T> T guarded(ImageFormat format, int length, Reading<T> reading) {
        try {
            return reading.run();
        } catch (EOFException e) {
            throw Problem.TRUNCATED.because(
                    "The %s ends after %d bytes, before its last pixel".formatted(format, length),
                    e);
        } catch (FailureException e) {
            throw e;
        } catch (LinkageError e) {
            throw Problem.UNSUPPORTED_FORMAT.because(
                    "The library that reads %s cannot be loaded here".formatted(format), e);
        } catch (OutOfMemoryError e) {
            // One large array was refused; the heap is as it was.
            throw new FailureException(
                    Failure.retriable(
                            Stage.DECODE,
                            "OUT_OF_MEMORY",
                            ("No memory to decode this %s: raise the heap, or lower the limit"
                                            + " of %d pixels")
                                    .formatted(format, maxPixels)),
                    e);
        } catch (IOException | RuntimeException e) {
            // Damaged files make the plug-ins throw whatever their arrays and checks throw.
            throw Problem.CORRUPT.because("The %s cannot be decoded: %s".formatted(format, e), e);
        }
    }

    /** Takes only the region where the picture stands upright, else all of it to turn it first. */
    private static Pixels read(ImageFile image, Region region) throws IOException {
        int width = image.width();
        int height = image.height();
        if (image.orientation() != Orientation.NORMAL) {
            Pixels stored = image.read(new Rectangle(width, height));
            return region.of(image.orientation().apply(stored));
        }
        Rectangle part = region.in(width, height);
        if (part.isEmpty()) {
            throw Problem.UNSUPPORTED_FORMAT.because(
                    "A picture of %d x %d pixels has no two halves".formatted(width, height));
        }
        return image.read(part);
    }

    private void requireSize(int width, int height) {
        if (width <= 0 || height <= 0) {
            throw Problem.CORRUPT.because(
                    "An image cannot have %d x %d pixels".formatted(width, height));
        }
        if ((long) width * height > maxPixels) {
            throw Problem.IMAGE_TOO_LARGE.because(
                    "Expected at most %d pixels, found %d x %d"
                            .formatted(maxPixels, width, height));
        }
    }

    private void requireDecodable(ImageFile image) {
        if (image.decodedPixels() > maxPixels) {
            throw Problem.IMAGE_TOO_LARGE.because(
                    "Expected at most %d pixels, found a picture of %d x %d in tiles of %d"
                            .formatted(
                                    maxPixels,
                                    image.width(),
                                    image.height(),
                                    image.decodedPixels()));
        }
    }
}
