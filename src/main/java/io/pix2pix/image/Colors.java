package io.pix2pix.image;

/** Turns pixels of one colour model into another's, to the last bit as libjpeg and Pillow do. */
final class Colors {
    private static final int BITS = 16;
    private static final int HALF = 1 << (BITS - 1);
    private static final int CENTER = 128;

    private static final int[] CR_TO_RED = new int[256];
    private static final int[] CB_TO_BLUE = new int[256];
    private static final int[] CR_TO_GREEN = new int[256];
    private static final int[] CB_TO_GREEN = new int[256];

    static {
        // libjpeg's jdcolor.c: fixed point with 16 bits, the rounding half in one green table.
        for (int i = 0; i < 256; i++) {
            int v = i - CENTER;
            CR_TO_RED[i] = (fixed(1.402) * v + HALF) >> BITS;
            CB_TO_BLUE[i] = (fixed(1.772) * v + HALF) >> BITS;
            CR_TO_GREEN[i] = -fixed(0.71414) * v;
            CB_TO_GREEN[i] = -fixed(0.34414) * v + HALF;
        }
    }

    private Colors() {}

    private static int fixed(double factor) {
        return (int) (factor * (1 << BITS) + 0.5);
    }

    /**
     * Luma and chroma to red, green and blue (ITU-T T.871), in place, {@code step} bytes a pixel.
     */
    static void yccToRgb(byte[] pixels, int step) {
        for (int i = 0; i + 2 < pixels.length; i += step) {
            int y = pixels[i] & 0xFF;
            int cb = pixels[i + 1] & 0xFF;
            int cr = pixels[i + 2] & 0xFF;
            pixels[i] = clip(y + CR_TO_RED[cr]);
            pixels[i + 1] = clip(y + ((CB_TO_GREEN[cb] + CR_TO_GREEN[cr]) >> BITS));
            pixels[i + 2] = clip(y + CB_TO_BLUE[cb]);
        }
    }

    /**
     * Printing inks to red, green and blue as Pillow does, without a colour profile.
     *
     * @param image four channels of 8 bits, 0 for no ink
     * @throws io.pix2pix.failure.FailureException UNSUPPORTED_FORMAT: 16 bits
     */
    static Pixels cmykToRgb(Pixels image) {
        if (image.bits() != 8) {
            throw Problem.UNSUPPORTED_FORMAT.because("Expected CMYK of 8 bits, found " + image);
        }
        byte[] cmyk = image.bytes();
        byte[] rgb = new byte[cmyk.length / 4 * 3];
        for (int i = 0, o = 0; o < rgb.length; i += 4, o += 3) {
            int white = 255 - (cmyk[i + 3] & 0xFF);
            for (int c = 0; c < 3; c++) {
                int ink = (cmyk[i + c] & 0xFF) * white + 128;
                rgb[o + c] = clip(white - (((ink >> 8) + ink) >> 8));
            }
        }
        return Pixels.of8(image.width(), image.height(), 3, rgb);
    }

    /**
     * The image with 1 or 3 channels. Gray is ITU-R 601 luma with Pillow's weights and rounding
     * ({@code convert("L")}); colour from gray repeats it.
     *
     * @param image of 1 or 3 channels
     */
    static Pixels toChannels(Pixels image, int channels) {
        if (image.channels() == channels) {
            return image;
        }
        return channels == 1 ? toGray(image) : toRgb(image);
    }

    private static Pixels toGray(Pixels image) {
        int n = image.width() * image.height();
        if (image.bits() == 8) {
            byte[] in = image.bytes();
            byte[] out = new byte[n];
            for (int i = 0, from = 0; i < n; i++, from += 3) {
                out[i] = (byte) luma(in[from] & 0xFF, in[from + 1] & 0xFF, in[from + 2] & 0xFF);
            }
            return Pixels.of8(image.width(), image.height(), 1, out);
        }
        short[] in = image.shorts();
        short[] out = new short[n];
        for (int i = 0, from = 0; i < n; i++, from += 3) {
            out[i] = (short) luma(in[from] & 0xFFFF, in[from + 1] & 0xFFFF, in[from + 2] & 0xFFFF);
        }
        return Pixels.of16(image.width(), image.height(), 1, out);
    }

    private static int luma(int red, int green, int blue) {
        return (red * 19595 + green * 38470 + blue * 7471 + HALF) >>> BITS;
    }

    private static Pixels toRgb(Pixels image) {
        int n = image.width() * image.height();
        int samples = Math.multiplyExact(n, 3);
        if (image.bits() == 8) {
            byte[] out = new byte[samples];
            for (int i = 0, to = 0; i < n; i++, to += 3) {
                byte v = image.bytes()[i];
                out[to] = v;
                out[to + 1] = v;
                out[to + 2] = v;
            }
            return Pixels.of8(image.width(), image.height(), 3, out);
        }
        short[] out = new short[samples];
        for (int i = 0, to = 0; i < n; i++, to += 3) {
            short v = image.shorts()[i];
            out[to] = v;
            out[to + 1] = v;
            out[to + 2] = v;
        }
        return Pixels.of16(image.width(), image.height(), 3, out);
    }

    private static byte clip(int v) {
        return (byte) Math.max(0, Math.min(255, v));
    }
}
