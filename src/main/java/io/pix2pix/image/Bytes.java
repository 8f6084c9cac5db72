package io.pix2pix.image;

import java.nio.charset.StandardCharsets;

/** Unsigned numbers out of a file's bytes. */
final class Bytes {
    private Bytes() {}

    static int u8(byte[] file, int at) {
        return file[at] & 0xFF;
    }

    /** Two bytes, big end first. */
    static int u16(byte[] file, int at) {
        return u8(file, at) << 8 | u8(file, at + 1);
    }

    /** Two bytes, little end first. */
    static int u16le(byte[] file, int at) {
        return u8(file, at + 1) << 8 | u8(file, at);
    }

    /** Four bytes, big end first. */
    static long u32(byte[] file, int at) {
        return (long) u16(file, at) << 16 | u16(file, at + 2);
    }

    /** Four bytes, little end first. */
    static long u32le(byte[] file, int at) {
        return (long) u16le(file, at + 2) << 16 | u16le(file, at);
    }

    /** Whether the ASCII letters of {@code text} stand there. */
    static boolean match(byte[] file, int at, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        if (at + wanted.length > file.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (file[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
