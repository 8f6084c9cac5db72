package io.pix2pix.image;

/**
 * The one thing that decoding needs from an EXIF block or a TIFF file: the orientation in its first
 * directory. A block that cannot be read counts as none: the picture matters more than its label.
 */
final class Exif {
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY_BYTES = 12;

    private Exif() {}

    /**
     * @param file holds a TIFF structure from {@code start} up to {@code end}
     */
    static Orientation orientation(byte[] file, int start, int end) {
        int limit = Math.min(end, file.length);
        if (start + 8 > limit) {
            return Orientation.NORMAL;
        }
        boolean little = Bytes.match(file, start, "II");
        if (!little && !Bytes.match(file, start, "MM")) {
            return Orientation.NORMAL;
        }
        long directory =
                start + (little ? Bytes.u32le(file, start + 4) : Bytes.u32(file, start + 4));
        if (directory + 2 > limit) {
            return Orientation.NORMAL;
        }
        int at = (int) directory;
        int entries = u16(file, at, little);
        at += 2;
        for (int i = 0; i < entries && at + ENTRY_BYTES <= limit; i++, at += ENTRY_BYTES) {
            if (u16(file, at, little) == ORIENTATION && u16(file, at + 2, little) == SHORT) {
                return Orientation.ofTag(u16(file, at + 8, little));
            }
        }
        return Orientation.NORMAL;
    }

    private static int u16(byte[] file, int at, boolean little) {
        return little ? Bytes.u16le(file, at) : Bytes.u16(file, at);
    }
}
