package io.pix2pix.image;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds a picture's size in the first bytes of its file, for JPEG and PNG; the other formats need
 * the whole file.
 *
 * @param orientation as far as the bytes say: a file may say it behind its pixels
 */
record ImageHeader(int width, int height, Orientation orientation) {
    private static final int PNG_CHUNKS_AT = 8;
    private static final int PNG_SIZE_AT = 16;
    private static final int PNG_HEADER_END = 33;

    static ImageHeader of(ImageFile file) {
        return new ImageHeader(file.width(), file.height(), file.orientation());
    }

    /** Null where these bytes do not hold it. */
    static @Nullable ImageHeader find(ImageFormat format, byte[] head) {
        return switch (format) {
            case JPEG -> JpegFile.header(head);
            case PNG -> png(head);
            case BMP, GIF, TIFF, WEBP -> null;
        };
    }

    /** The size when the picture stands as it should. */
    ImageSize upright() {
        return orientation.swapsAxes()
                ? new ImageSize(height, width)
                : new ImageSize(width, height);
    }

    private static @Nullable ImageHeader png(byte[] head) {
        if (head.length < PNG_HEADER_END || !Bytes.match(head, PNG_CHUNKS_AT + 4, "IHDR")) {
            return null;
        }
        Orientation orientation = Orientation.NORMAL;
        int at = PNG_CHUNKS_AT;
        while (at + 8 <= head.length) {
            long end = at + 12 + Bytes.u32(head, at);
            String type = new String(head, at + 4, 4, StandardCharsets.ISO_8859_1);
            if (end > head.length || type.equals("IDAT")) {
                break;
            }
            if (type.equals("eXIf")) {
                orientation = new TiffDirectory(head, at + 8, (int) end - 4).orientation();
            }
            at = (int) end;
        }
        int width = (int) Math.min(Bytes.u32(head, PNG_SIZE_AT), Integer.MAX_VALUE);
        int height = (int) Math.min(Bytes.u32(head, PNG_SIZE_AT + 4), Integer.MAX_VALUE);
        return new ImageHeader(width, height, orientation);
    }
}
