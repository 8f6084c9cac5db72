package io.pix2pix.engine;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import org.jboss.logging.Logger;

/** The C library's side of memory. */
final class HostMemory {
    private static final Logger LOG = Logger.getLogger(HostMemory.class);
    private static final boolean CAN_TRIM = bind();

    private HostMemory() {}

    private static boolean bind() {
        try {
            Native.register(HostMemory.class, "c");
            return true;
        } catch (LinkageError e) {
            LOG.debug("This C library has no malloc_trim", e);
            return false;
        }
    }

    /**
     * Gives freed memory back to the system. The C library by itself keeps what lies below
     * something that is still in use, or all of it when it is told to (mallopt(3)), which suits
     * tensors that come and go but not a model that is gone for good.
     *
     * <p>Nothing happens where the C library cannot do it (it is one of glibc's). Takes a
     * millisecond for each few hundred megabytes.
     */
    static void trim() {
        if (CAN_TRIM) {
            malloc_trim(new NativeLong(0));
        }
    }

    /** See malloc_trim(3). */
    @SuppressWarnings("MethodName")
    private static native int malloc_trim(NativeLong pad);
}
