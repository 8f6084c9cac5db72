package io.pix2pix.image;

import io.pix2pix.failure.FailureException;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Where a GIF file's first frame lies on its screen; walked to the frame's end, so that it is known
 * to be whole.
 *
 * <p>Source: GIF89a specification.
 *
 * @param width of the screen
 * @param frame may be smaller than the screen
 * @param essential the file with its first frame alone: the plug-in takes time by the square of a
 *     comment's length
 */
record GifFile(int width, int height, Rectangle frame, byte[] essential) implements ImageFile {
    private static final int SCREEN_AT = 6;
    private static final int BLOCKS_AT = 13;
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2C;
    private static final int DESCRIPTOR_BYTES = 10;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int TRAILER = 0x3B;

    /**
     * @throws FailureException TRUNCATED, CORRUPT
     */
    static GifFile open(byte[] file) {
        requireLength(file, BLOCKS_AT);
        int at = BLOCKS_AT + paletteBytes(Bytes.u8(file, SCREEN_AT + 4));
        requireLength(file, at);
        ByteArrayOutputStream essential = new ByteArrayOutputStream();
        essential.write(file, 0, at);
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
            int end = behindData(file, at + 2);
            if (Bytes.u8(file, at + 1) == GRAPHIC_CONTROL) {
                essential.write(file, at, end - at);
            }
            at = end;
        }
        requireLength(file, at + DESCRIPTOR_BYTES);
        Rectangle frame =
                new Rectangle(
                        Bytes.u16le(file, at + 1),
                        Bytes.u16le(file, at + 3),
                        Bytes.u16le(file, at + 5),
                        Bytes.u16le(file, at + 7));
        int codeSizeAt = at + DESCRIPTOR_BYTES + paletteBytes(Bytes.u8(file, at + 9));
        int end = behindData(file, codeSizeAt + 1);
        essential.write(file, at, end - at);
        essential.write(TRAILER);
        Rectangle screen =
                new Rectangle(Bytes.u16le(file, SCREEN_AT), Bytes.u16le(file, SCREEN_AT + 2))
                        .union(frame);
        return new GifFile(screen.width, screen.height, frame, essential.toByteArray());
    }

    @Override
    public Orientation orientation() {
        return Orientation.NORMAL;
    }

    @Override
    public Pixels read(Rectangle part) throws IOException {
        BufferedImage image = Plugins.read(Plugins.GIF, essential);
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
