package io.pix2pix.image;

import java.awt.Rectangle;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferUShort;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/**
 * Takes the samples out of what ImageIO decoded, as they were stored: no colour profile is applied,
 * alpha is dropped and not blended, palettes are looked up.
 */
final class RasterPixels {
    private RasterPixels() {}

    /**
     * @return 1 channel for gray, 3 for colour; 16 bits where the file has more than 8, else 8
     * @throws io.pix2pix.failure.FailureException UNSUPPORTED_FORMAT: samples that are no unsigned
     *     integers of at most 16 bits, or other colours
     */
    static Pixels of(BufferedImage image, Rectangle part) {
        ColorModel colors = image.getColorModel();
        if (colors instanceof IndexColorModel palette) {
            return indexed(image.getRaster(), palette, part);
        }
        if (image.getType() == BufferedImage.TYPE_INT_RGB
                || image.getType() == BufferedImage.TYPE_INT_ARGB) {
            return packed(image.getRaster(), part);
        }
        if (image.isAlphaPremultiplied()) {
            image.coerceData(false);
        }
        int channels =
                switch (colors.getColorSpace().getType()) {
                    case ColorSpace.TYPE_GRAY -> 1;
                    case ColorSpace.TYPE_RGB -> 3;
                    case ColorSpace.TYPE_CMYK -> 4;
                    default ->
                            throw Problem.UNSUPPORTED_FORMAT.because(
                                    "Expected gray, red-green-blue or CMYK, found %d components"
                                            .formatted(colors.getNumColorComponents()));
                };
        Raster raster = image.getRaster();
        int type = raster.getTransferType();
        int bits = colors.getComponentSize(0);
        boolean integers =
                type == DataBuffer.TYPE_BYTE
                        || type == DataBuffer.TYPE_USHORT
                        || type == DataBuffer.TYPE_INT;
        if (!integers || bits > 16) {
            throw Problem.UNSUPPORTED_FORMAT.because(
                    "Expected samples of 8 or 16 bits, found %d bits%s"
                            .formatted(bits, integers ? "" : " signed or floating point"));
        }
        boolean plain =
                raster.getSampleModel() instanceof PixelInterleavedSampleModel
                        && (bits == 8 || bits == 16);
        Pixels pixels =
                plain
                        ? interleaved(raster, part, channels)
                        : scaled(raster, colors, part, channels);
        return channels == 4 ? Colors.cmykToRgb(pixels) : pixels;
    }

    private static Pixels indexed(Raster raster, IndexColorModel palette, Rectangle part) {
        int[] argb = new int[palette.getMapSize()];
        palette.getRGBs(argb);
        byte[] out = new byte[Math.multiplyExact(part.width * part.height, 3)];
        int[] row = new int[part.width];
        int to = 0;
        for (int y = 0; y < part.height; y++) {
            raster.getPixels(part.x, part.y + y, part.width, 1, row);
            for (int index : row) {
                // An index beyond the palette is black, as in Pillow.
                int color = index < argb.length ? argb[index] : 0;
                out[to++] = (byte) (color >> 16);
                out[to++] = (byte) (color >> 8);
                out[to++] = (byte) color;
            }
        }
        return Pixels.of8(part.width, part.height, 3, out);
    }

    /** The usual case, without a call for each sample. */
    private static Pixels interleaved(Raster raster, Rectangle part, int channels) {
        var model = (PixelInterleavedSampleModel) raster.getSampleModel();
        DataBuffer buffer = raster.getDataBuffer();
        int[] offsets = model.getBandOffsets();
        int step = model.getPixelStride();
        int samples = Math.multiplyExact(part.width * part.height, channels);
        byte[] out8 = buffer instanceof DataBufferByte ? new byte[samples] : new byte[0];
        short[] out16 = buffer instanceof DataBufferByte ? new short[0] : new short[samples];
        for (int y = 0; y < part.height; y++) {
            int row =
                    (part.y + y - raster.getSampleModelTranslateY()) * model.getScanlineStride()
                            + (part.x - raster.getSampleModelTranslateX()) * step
                            + buffer.getOffset();
            int rowOut = y * part.width * channels;
            if (channels == 3 && buffer instanceof DataBufferByte bytes) {
                colors(bytes.getData(), row, step, offsets, out8, rowOut, part.width);
                continue;
            }
            for (int c = 0; c < channels; c++) {
                int from = row + offsets[c];
                int to = rowOut + c;
                if (buffer instanceof DataBufferByte bytes) {
                    byte[] in = bytes.getData();
                    for (int x = 0; x < part.width; x++) {
                        out8[to + x * channels] = in[from + x * step];
                    }
                } else {
                    short[] in = ((DataBufferUShort) buffer).getData();
                    for (int x = 0; x < part.width; x++) {
                        out16[to + x * channels] = in[from + x * step];
                    }
                }
            }
        }
        return buffer instanceof DataBufferByte
                ? Pixels.of8(part.width, part.height, channels, out8)
                : Pixels.of16(part.width, part.height, channels, out16);
    }

    /** One row of red-green-blue in any order. */
    private static void colors(
            byte[] in, int row, int step, int[] offsets, byte[] out, int rowOut, int width) {
        int red = row + offsets[0];
        int green = row + offsets[1];
        int blue = row + offsets[2];
        for (int x = 0, from = 0, to = rowOut; x < width; x++, from += step, to += 3) {
            out[to] = in[red + from];
            out[to + 1] = in[green + from];
            out[to + 2] = in[blue + from];
        }
    }

    /** Red-green-blue in one integer. */
    private static Pixels packed(Raster raster, Rectangle part) {
        byte[] out = new byte[Math.multiplyExact(part.width * part.height, 3)];
        int[] row = new int[part.width];
        int to = 0;
        for (int y = 0; y < part.height; y++) {
            raster.getDataElements(part.x, part.y + y, part.width, 1, row);
            for (int color : row) {
                out[to] = (byte) (color >> 16);
                out[to + 1] = (byte) (color >> 8);
                out[to + 2] = (byte) color;
                to += 3;
            }
        }
        return Pixels.of8(part.width, part.height, 3, out);
    }

    /** Samples of any size, spread to the full range of 8 or 16 bits. */
    private static Pixels scaled(Raster raster, ColorModel colors, Rectangle part, int channels) {
        int bands = raster.getNumBands();
        int full = colors.getComponentSize(0) <= 8 ? 255 : 65535;
        int samples = Math.multiplyExact(part.width * part.height, channels);
        byte[] out8 = new byte[full == 255 ? samples : 0];
        short[] out16 = new short[full == 255 ? 0 : samples];
        int[] row = new int[part.width * bands];
        int to = 0;
        for (int y = 0; y < part.height; y++) {
            raster.getPixels(part.x, part.y + y, part.width, 1, row);
            for (int x = 0; x < part.width; x++) {
                for (int c = 0; c < channels; c++, to++) {
                    int max = (1 << colors.getComponentSize(c)) - 1;
                    int v = (int) ((long) row[x * bands + c] * full / max);
                    if (full == 255) {
                        out8[to] = (byte) v;
                    } else {
                        out16[to] = (short) v;
                    }
                }
            }
        }
        return full == 255
                ? Pixels.of8(part.width, part.height, channels, out8)
                : Pixels.of16(part.width, part.height, channels, out16);
    }

    /**
     * The other way: an image over the very samples, not a copy.
     *
     * @param image 1 or 3 channels of 8 bits
     */
    static BufferedImage view(Pixels image) {
        int channels = image.channels();
        int[] offsets = channels == 1 ? new int[] {0} : new int[] {0, 1, 2};
        WritableRaster raster =
                Raster.createInterleavedRaster(
                        new DataBufferByte(image.bytes(), image.bytes().length),
                        image.width(),
                        image.height(),
                        image.width() * channels,
                        channels,
                        offsets,
                        null);
        ColorSpace space =
                ColorSpace.getInstance(channels == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        ColorModel model =
                new ComponentColorModel(
                        space, false, false, ColorModel.OPAQUE, DataBuffer.TYPE_BYTE);
        return new BufferedImage(model, raster, false, null);
    }
}
