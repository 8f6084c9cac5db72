package io.pix2pix.torchscript;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Knows how far a file was read, and stops at a limit. */
final class CountingInput extends FilterInputStream {
    private long position;
    private long limit = Long.MAX_VALUE;

    CountingInput(InputStream in) {
        super(new BufferedInputStream(in));
    }

    /** Bytes read so far. */
    long position() {
        return position;
    }

    /** Lets at most this many more bytes be read. */
    CountingInput limited(long bytes) {
        limit = position + bytes;
        return this;
    }

    /** The next byte, which stays unread; -1 at the end. */
    int peek() throws IOException {
        in.mark(1);
        int next = in.read();
        in.reset();
        return next;
    }

    @Override
    public int read() throws IOException {
        if (position >= limit) {
            throw new IOException("A pickle is too long");
        }
        int next = in.read();
        position += next < 0 ? 0 : 1;
        return next;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (position >= limit) {
            throw new IOException("A pickle is too long");
        }
        int count = in.read(target, offset, (int) Math.min(length, limit - position));
        position += Math.max(count, 0);
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
