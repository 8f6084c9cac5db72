package io.pix2pix.image;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first directory of a TIFF structure: of a TIFF file, or of an EXIF block inside another file.
 *
 * <p>Source: TIFF 6.0; CIPA DC-008 (Exif 2.32).
 */
final class TiffDirectory {
    private static final int SAMPLE_BITS = 258;
    private static final int ORIENTATION = 0x0112;
    private static final int SAMPLES = 277;
    private static final int STRIP_OFFSETS = 273;
    private static final int STRIP_LENGTHS = 279;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_LENGTHS = 325;

    /** From here on tags are private, and nothing that decoding needs. */
    private static final int FIRST_PRIVATE_TAG = 32768;

    /** Red, green, blue, black, alpha and a few that are left aside. */
    private static final int MAX_SAMPLES = 8;

    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int ENTRY_BYTES = 12;

    /** Bytes a value of each type, from type 0, which is none. */
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

    private record Entry(int type, long count, long valueAt) {
        long end() {
            return valueAt + count * bytes(type);
        }
    }

    private final byte[] file;
    private final boolean little;
    private final Map<Integer, Entry> entries = new HashMap<>();
    private boolean whole;

    /**
     * @param file holds the structure from {@code start} up to {@code end}
     */
    TiffDirectory(byte[] file, int start, int end) {
        this.file = file;
        this.little = Bytes.match(file, start, "II");
        if (end - start >= 8) {
            readEntries(start, end);
        }
    }

    private void readEntries(int start, int end) {
        long at = start + u32(start + 4);
        if (at + 2 > end) {
            return;
        }
        int count = u16((int) at);
        at += 2;
        whole = at + (long) count * ENTRY_BYTES <= end;
        for (int i = 0; i < count && at + ENTRY_BYTES <= end; i++, at += ENTRY_BYTES) {
            int type = u16((int) at + 2);
            long values = u32((int) at + 4);
            boolean inside = values * bytes(type) <= 4;
            long valueAt = inside ? at + 8 : start + u32((int) at + 8);
            entries.put(u16((int) at), new Entry(type, values, valueAt));
        }
    }

    /** Which way up the picture is; {@code NORMAL} where nothing readable says so. */
    Orientation orientation() {
        Entry entry = entries.get(ORIENTATION);
        return entry != null && entry.type() == SHORT && isInside(entry)
                ? Orientation.ofTag((int) value(entry, 0))
                : Orientation.NORMAL;
    }

    /** Whether all that the directory points at lies inside the file. */
    boolean isWhole() {
        return whole
                && entries.entrySet().stream()
                        .filter(e -> e.getKey() < FIRST_PRIVATE_TAG)
                        .allMatch(e -> e.getValue().end() <= file.length)
                && isWhole(entries.get(STRIP_OFFSETS), entries.get(STRIP_LENGTHS))
                && isWhole(entries.get(TILE_OFFSETS), entries.get(TILE_LENGTHS));
    }

    private boolean isWhole(@Nullable Entry offsets, @Nullable Entry lengths) {
        if (offsets == null || lengths == null) {
            return true;
        }
        if (!hasNumbers(offsets) || !hasNumbers(lengths)) {
            return false;
        }
        for (int i = 0; i < Math.min(offsets.count(), lengths.count()); i++) {
            if (value(offsets, i) + value(lengths, i) > file.length) {
                return false;
            }
        }
        return true;
    }

    /**
     * What is wrong with the samples of a pixel; empty when nothing is. The plug-in makes tables of
     * as many entries as their bits can tell apart.
     */
    Optional<String> wrongSamples() {
        Entry bits = entries.get(SAMPLE_BITS);
        long samples = number(SAMPLES, 1);
        if (samples < 1 || samples > MAX_SAMPLES) {
            return Optional.of("%d samples a pixel".formatted(samples));
        }
        for (int i = 0; bits != null && i < Math.min(bits.count(), MAX_SAMPLES); i++) {
            long found = hasNumbers(bits) ? value(bits, i) : 0;
            boolean known = (found >= 1 && found <= 16) || found == 32 || found == 64;
            if (!known) {
                return Optional.of("samples of %d bits".formatted(found));
            }
        }
        return Optional.empty();
    }

    /** The most pixels that are decoded at once: those of a tile that reaches over the edges. */
    long tilePixels() {
        return number(TILE_WIDTH, 1) * number(TILE_HEIGHT, 1);
    }

    /** The first value under a tag. */
    private long number(int tag, long otherwise) {
        Entry entry = entries.get(tag);
        if (entry == null || !hasNumbers(entry)) {
            return otherwise;
        }
        return Math.min(value(entry, 0), Integer.MAX_VALUE);
    }

    private boolean hasNumbers(Entry entry) {
        return (entry.type() == SHORT || entry.type() == LONG) && isInside(entry);
    }

    private boolean isInside(Entry entry) {
        return entry.count() > 0 && entry.end() <= file.length;
    }

    /** One of an entry's values, which are numbers of two or four bytes. */
    private long value(Entry entry, int index) {
        int at = (int) entry.valueAt() + index * bytes(entry.type());
        return entry.type() == SHORT ? u16(at) : u32(at);
    }

    private static int bytes(int type) {
        return type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
    }

    private int u16(int at) {
        return little ? Bytes.u16le(file, at) : Bytes.u16(file, at);
    }

    private long u32(int at) {
        return little ? Bytes.u32le(file, at) : Bytes.u32(file, at);
    }
}
