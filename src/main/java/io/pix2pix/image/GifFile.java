package io.pix2pix.image;

import io.pix2pix.failure.FailureException;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;

/**
 * Where a GIF file's first frame lies on its screen; walked to the frame's end, so that it is known
 * to be whole.
 *
 * <p>Source: GIF89a specification.
 *
 * @param width of the screen
 * @param frame may be smaller than the screen
 */
record GifFile(byte[] file, int width, int height, Rectangle frame) implements ImageFile {
    private static final int SCREEN_AT = 6;
    private static final int BLOCKS_AT = 13;
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2C;
    private static final int DESCRIPTOR_BYTES = 10;

    /**
     * @throws FailureException TRUNCATED, CORRUPT
     */
    static GifFile open(byte[] file) {
        requireLength(file, BLOCKS_AT);
        int at = BLOCKS_AT + paletteBytes(Bytes.u8(file, SCREEN_AT + 4));
        while (true) {
            requireLength(file, at + 2L);
            int block = Bytes.u8(file, at);
            if (block == IMAGE) {
                break;
            }
            if (block != EXTENSION) {
                throw Problem.CORRUPT.because(
                        "Expected a GIF's frame, found block %02x at byte %d".formatted(block, at));
            }
            at = behindData(file, at + 2);
        }
        requireLength(file, at + DESCRIPTOR_BYTES);
        Rectangle frame =
                new Rectangle(
                        Bytes.u16le(file, at + 1),
                        Bytes.u16le(file, at + 3),
                        Bytes.u16le(file, at + 5),
                        Bytes.u16le(file, at + 7));
        int codeSizeAt = at + DESCRIPTOR_BYTES + paletteBytes(Bytes.u8(file, at + 9));
        behindData(file, codeSizeAt + 1);
        Rectangle screen =
                new Rectangle(Bytes.u16le(file, SCREEN_AT), Bytes.u16le(file, SCREEN_AT + 2))
                        .union(frame);
        return new GifFile(file, screen.width, screen.height, frame);
    }

    @Override
    public Orientation orientation() {
        return Orientation.NORMAL;
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        BufferedImage image = Plugins.read(Plugins.GIF, file);
        Pixels pixels = RasterPixels.of(image, new Rectangle(frame.getSize()));
        return Crop.of(Canvas.place(pixels, frame, width, height, background(image)), part);
    }

    /** Around the frame is what is transparent, or else the palette's first colour. */
    private static int background(BufferedImage image) {
        var palette = (IndexColorModel) image.getColorModel();
        return palette.getRGB(Math.max(palette.getTransparentPixel(), 0));
    }

    private static int paletteBytes(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 * (2 << (flags & 7));
    }

    /** Skips blocks of data, each with its length before it, up to the empty one. */
    private static int behindData(byte[] file, int from) {
        int at = from;
        while (true) {
            requireLength(file, at + 1L);
            int length = Bytes.u8(file, at);
            at += 1 + length;
            if (length == 0) {
                return at;
            }
        }
    }

    private static void requireLength(byte[] file, long bytes) {
        if (file.length < bytes) {
            throw Problem.TRUNCATED.because(
                    "The GIF ends after %d bytes, inside its first frame".formatted(file.length));
        }
    }
}
