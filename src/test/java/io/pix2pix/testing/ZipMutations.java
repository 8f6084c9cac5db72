package io.pix2pix.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Damages zip files: their entries' names and contents, what they say of themselves, their bytes.
 */
public final class ZipMutations {
    private static final List<String> NAMES =
            List.of(
                    "../../etc/passwd",
                    "/root",
                    "m/../x",
                    "m\\x",
                    "",
                    "m/",
                    "archive/data.pkl",
                    "m/data.pkl",
                    "m/constants.pkl",
                    "m/version",
                    "m/byteorder",
                    "m/data/0",
                    "n/data.pkl",
                    "m/extra/pix2pix.json",
                    "m/code/__torch__.py",
                    "x".repeat(600),
                    "m/\u0000",
                    "m/\u00e4");

    private record Entry(String name, byte[] content, boolean packed) {}

    private final List<byte[]> seeds;
    private final List<List<Entry>> archives;
    private final Mutations contents;
    private final Mutations whole = new Mutations();

    /**
     * @param seeds zip files
     * @param contents damages an entry's content
     */
    public ZipMutations(List<byte[]> seeds, Mutations contents) {
        this.seeds = List.copyOf(seeds);
        this.archives = seeds.stream().map(ZipMutations::entries).toList();
        this.contents = contents;
    }

    /** One of the seeds, damaged. */
    public byte[] next(Random random) {
        if (random.nextInt(6) == 0) {
            return whole.of(seeds, random);
        }
        List<Entry> entries = new ArrayList<>(archives.get(random.nextInt(archives.size())));
        int rounds = 1 + random.nextInt(3);
        for (int i = 0; i < rounds && !entries.isEmpty(); i++) {
            mutate(entries, random);
        }
        byte[] zip = write(entries, random.nextInt(3) == 0 ? random : null);
        return random.nextInt(8) == 0 ? whole.of(List.of(zip), random) : zip;
    }

    private void mutate(List<Entry> entries, Random random) {
        int at = random.nextInt(entries.size());
        // What is read as a program or a description is where most can go wrong.
        for (int i = 0; i < 4 && entries.get(at).name.matches(".*/data/\\d+"); i++) {
            at = random.nextInt(entries.size());
        }
        Entry entry = entries.get(at);
        switch (random.nextInt(10)) {
            case 0 -> entries.remove(at);
            case 1 -> entries.add(random.nextInt(entries.size() + 1), entry);
            case 2 -> entries.set(at, new Entry(name(random), entry.content, entry.packed));
            case 3 -> entries.set(at, new Entry(entry.name, entry.content, !entry.packed));
            case 4 -> {
                byte[] large = new byte[1 << random.nextInt(20)];
                entries.set(at, new Entry(entry.name, large, true));
            }
            default -> {
                byte[] content = contents.of(List.of(entry.content), random);
                entries.set(at, new Entry(entry.name, content, entry.packed));
            }
        }
    }

    private static String name(Random random) {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private static List<Entry> entries(byte[] zip) {
        List<Entry> entries = new ArrayList<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                entries.add(new Entry(e.getName(), content, e.getMethod() == ZipEntry.DEFLATED));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    /**
     * Writes a zip file without looking at what is put into it.
     *
     * @param liar where one of its numbers is to be wrong
     */
    private static byte[] write(
            List<Entry> entries, @org.jspecify.annotations.Nullable Random liar) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        int wrong = liar == null || entries.isEmpty() ? -1 : liar.nextInt(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
            byte[] data = entry.packed ? deflate(entry.content) : entry.content;
            byte[] header = new byte[46 + name.length];
            ByteBuffer central = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            central.putInt(0x02014b50)
                    .putInt(0x00140014)
                    .putShort((short) 0x0800)
                    .putShort((short) (entry.packed ? 8 : 0))
                    .putInt(0)
                    .putInt(0)
                    .putInt(data.length)
                    .putInt(entry.content.length)
                    .putShort((short) name.length)
                    .position(42)
                    .putInt(out.size())
                    .put(name);
            if (i == wrong) {
                // Sizes, lengths of name, extra field and comment, flags, method, offset.
                int[] places = {8, 10, 20, 24, 24, 24, 28, 30, 32, 42};
                int value = liar.nextBoolean() ? liar.nextInt(100_000) : liar.nextInt();
                central.putInt(places[liar.nextInt(places.length)], value);
            }
            out.writeBytes(
                    little(30 + name.length)
                            .putInt(0x04034b50)
                            .putShort((short) 20)
                            .putShort((short) 0x0800)
                            .putShort((short) (entry.packed ? 8 : 0))
                            .putInt(0)
                            .putInt(0)
                            .putInt(data.length)
                            .putInt(entry.content.length)
                            .putShort((short) name.length)
                            .putShort((short) 0)
                            .put(name)
                            .array());
            out.writeBytes(data);
            directory.writeBytes(header);
        }
        int start = out.size();
        out.writeBytes(directory.toByteArray());
        int count = liar != null && liar.nextInt(4) == 0 ? liar.nextInt(65536) : entries.size();
        out.writeBytes(
                little(22)
                        .putInt(0x06054b50)
                        .putInt(0)
                        .putShort((short) count)
                        .putShort((short) count)
                        .putInt(directory.size())
                        .putInt(start)
                        .putShort((short) 0)
                        .array());
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] content) {
        Deflater deflater = new Deflater(1, true);
        deflater.setInput(content);
        deflater.finish();
        byte[] packed = new byte[content.length + content.length / 8 + 64];
        int length = deflater.deflate(packed);
        deflater.end();
        return java.util.Arrays.copyOf(packed, length);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
