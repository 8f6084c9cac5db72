package io.pix2pix.image;

import java.awt.Rectangle;

/** Where a file's first frame covers only part of the picture. */
final class Canvas {
    private Canvas() {}

    /**
     * @param frame 3 channels of 8 bits
     * @param place where it goes; its size is the frame's
     * @param background red-green-blue around it
     */
    static Pixels place(Pixels frame, Rectangle place, int width, int height, int background) {
        if (frame.width() == width && frame.height() == height) {
            return frame;
        }
        Pixels canvas = frame.blank(width, height);
        byte[] out = canvas.bytes();
        for (int i = 0; i < out.length; i += 3) {
            out[i] = (byte) (background >> 16);
            out[i + 1] = (byte) (background >> 8);
            out[i + 2] = (byte) background;
        }
        int row = frame.width() * 3;
        for (int y = 0; y < frame.height(); y++) {
            int to = ((place.y + y) * width + place.x) * 3;
            System.arraycopy(frame.bytes(), y * row, out, to, row);
        }
        return canvas;
    }
}
