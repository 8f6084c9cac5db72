package io.pix2pix.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages inputs as disks, networks and enemies do. All of it follows from the random numbers. */
public final class Mutations {
    private static final int MAX_GROWTH = 1 << 16;
    private static final long[] INTERESTING = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        15,
        16,
        46,
        127,
        128,
        255,
        256,
        1000,
        32767,
        32768,
        65535,
        65536,
        1 << 20,
        1 << 24,
        Integer.MAX_VALUE - 8,
        Integer.MAX_VALUE,
        1L << 31,
        0xFFFFFFF0L,
        0xFFFFFFFFL,
        1L << 32,
        1L << 60,
        1L << 61,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2
    };

    private final List<byte[]> tokens;

    /**
     * @param tokens pieces of the format that chance alone would not hit upon
     */
    public Mutations(List<byte[]> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    public Mutations() {
        this(List.of());
    }

    /** One of the seeds, damaged in one to four places. */
    public byte[] of(List<byte[]> seeds, Random random) {
        byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
        int rounds = 1 + random.nextInt(4);
        for (int i = 0; i < rounds; i++) {
            input = mutate(input, seeds, random);
        }
        return input;
    }

    private byte[] mutate(byte[] in, List<byte[]> seeds, Random random) {
        if (in.length == 0) {
            return noise(random, 1 + random.nextInt(64));
        }
        int at = random.nextInt(in.length);
        switch (random.nextInt(tokens.isEmpty() ? 12 : 14)) {
            case 0 -> in[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> in[at] = (byte) random.nextInt();
            case 2, 3 -> number(in, at, INTERESTING[random.nextInt(INTERESTING.length)], random);
            case 4 -> length(in, random);
            case 5 -> Arrays.fill(in, at, end(in, at, random), (byte) random.nextInt());
            case 6 -> {
                byte[] noise = noise(random, end(in, at, random) - at);
                System.arraycopy(noise, 0, in, at, noise.length);
            }
            case 7 -> {
                return replace(in, at, end(in, at, random), new byte[0]);
            }
            case 8 -> {
                return replace(in, at, at, repeated(in, at, end(in, at, random), random));
            }
            case 9 -> {
                return Arrays.copyOf(in, at);
            }
            case 10 -> {
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                return replace(
                        in,
                        at,
                        random.nextBoolean() ? in.length : at,
                        Arrays.copyOfRange(other, from, end(other, from, random)));
            }
            case 11 -> {
                int to = random.nextInt(in.length);
                byte moved = in[at];
                in[at] = in[to];
                in[to] = moved;
            }
            default -> {
                byte[] token = tokens.get(random.nextInt(tokens.size()));
                boolean over = random.nextBoolean();
                int end = over ? Math.min(in.length, at + token.length) : at;
                return replace(in, at, end, token);
            }
        }
        return in;
    }

    /** Writes a number of 1, 2, 4 or 8 bytes, either end first. */
    private static void number(byte[] in, int at, long value, Random random) {
        int size = Math.min(1 << random.nextInt(4), in.length - at);
        boolean little = random.nextBoolean();
        for (int i = 0; i < size; i++) {
            in[at + i] = (byte) (value >> (8 * (little ? i : size - 1 - i)));
        }
    }

    /** Bends a number that may be a length: one whose value lies inside the input. */
    private static void length(byte[] in, Random random) {
        ByteBuffer buffer = ByteBuffer.wrap(in);
        boolean wide = random.nextBoolean();
        int size = wide ? 4 : 2;
        for (int i = 0; i < 64 && in.length >= size; i++) {
            int at = random.nextInt(in.length - size + 1);
            buffer.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            long value = wide ? buffer.getInt(at) : buffer.getShort(at);
            if (value > 0 && value <= in.length) {
                long bent =
                        switch (random.nextInt(6)) {
                            case 0 -> value + 1;
                            case 1 -> value - 1;
                            case 2 -> 2 * value;
                            case 3 -> in.length - at;
                            case 4 -> -value;
                            default -> random.nextInt();
                        };
                if (wide) {
                    buffer.putInt(at, (int) bent);
                } else {
                    buffer.putShort(at, (short) bent);
                }
                return;
            }
        }
    }

    private static byte[] repeated(byte[] in, int from, int to, Random random) {
        int times = random.nextInt(8) == 0 ? 1 + random.nextInt(1000) : 1;
        byte[] part = Arrays.copyOfRange(in, from, to);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < times && out.size() < MAX_GROWTH; i++) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** The end of a run that begins at {@code at}: mostly short. */
    private static int end(byte[] in, int at, Random random) {
        int most = random.nextInt(4) == 0 ? in.length : 16;
        return Math.min(in.length, at + 1 + random.nextInt(Math.max(1, most)));
    }

    private static byte[] noise(Random random, int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] replace(byte[] in, int from, int to, byte[] by) {
        return ByteBuffer.allocate(in.length - (to - from) + by.length)
                .put(in, 0, from)
                .put(by)
                .put(in, to, in.length - to)
                .array();
    }
}
