package io.pix2pix.image;

import java.util.Objects;
import javax.imageio.stream.ImageInputStreamImpl;

/** A file in memory as ImageIO reads it: no copy, no cache, no disk; the length is known. */
final class ArrayImageInputStream extends ImageInputStreamImpl {
    private final byte[] file;

    ArrayImageInputStream(byte[] file) {
        this.file = file;
    }

    @Override
    public int read() {
        bitOffset = 0;
        return streamPos < file.length ? file[(int) streamPos++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        bitOffset = 0;
        int count = (int) Math.min(length, file.length - streamPos);
        if (count <= 0) {
            return length == 0 ? 0 : -1;
        }
        System.arraycopy(file, (int) streamPos, into, offset, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return file.length;
    }
}
