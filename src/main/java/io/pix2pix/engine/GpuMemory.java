package io.pix2pix.engine;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.PointerByReference;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A GPU's memory as its driver tells of it: what is in use, by whichever process. From NVIDIA's
 * management library (NVML), which is there wherever the driver is.
 */
public final class GpuMemory {
    private static final Logger LOG = Logger.getLogger(GpuMemory.class);
    private static final boolean AVAILABLE = bind();

    private final Pointer device;

    private GpuMemory(Pointer device) {
        this.device = device;
    }

    private static boolean bind() {
        try {
            Native.register(GpuMemory.class, "libnvidia-ml.so.1");
            return nvmlInit_v2() == 0;
        } catch (LinkageError e) {
            LOG.debug("No NVML: memory of GPUs is not told", e);
            return false;
        }
    }

    /**
     * @param index of the GPU among those that this process sees, from 0
     * @return empty where the driver does not tell
     */
    static Optional<GpuMemory> of(int index) {
        if (!AVAILABLE) {
            return Optional.empty();
        }
        PointerByReference found = new PointerByReference();
        String visible = visible(index, System.getenv("CUDA_VISIBLE_DEVICES"));
        int error =
                visible.chars().allMatch(Character::isDigit)
                        ? nvmlDeviceGetHandleByIndex_v2(Integer.parseInt(visible), found)
                        : nvmlDeviceGetHandleByUUID(visible, found);
        if (error != 0) {
            LOG.debugf("NVML does not know GPU %s (error %d)", visible, error);
            return Optional.empty();
        }
        return Optional.of(new GpuMemory(found.getValue()));
    }

    /** What CUDA calls number so and so is another one to the driver, when some are hidden. */
    static String visible(int index, @Nullable String cudaVisibleDevices) {
        String[] visible =
                cudaVisibleDevices == null ? new String[0] : cudaVisibleDevices.split(",", -1);
        return index < visible.length && !visible[index].isBlank()
                ? visible[index].strip()
                : Integer.toString(index);
    }

    /** Bytes in use; NaN when the driver does not answer. */
    public double used() {
        Info info = new Info();
        return nvmlDeviceGetMemoryInfo(device, info) == 0 ? info.used : Double.NaN;
    }

    /** Bytes there are; NaN when the driver does not answer. */
    public double total() {
        Info info = new Info();
        return nvmlDeviceGetMemoryInfo(device, info) == 0 ? info.total : Double.NaN;
    }

    /** See nvmlMemory_t. */
    @Structure.FieldOrder({"total", "free", "used"})
    public static final class Info extends Structure {
        public long total;
        public long free;
        public long used;
    }

    @SuppressWarnings("MethodName")
    private static native int nvmlInit_v2();

    @SuppressWarnings("MethodName")
    private static native int nvmlDeviceGetHandleByIndex_v2(int index, PointerByReference device);

    @SuppressWarnings("MethodName")
    private static native int nvmlDeviceGetHandleByUUID(String uuid, PointerByReference device);

    @SuppressWarnings("MethodName")
    private static native int nvmlDeviceGetMemoryInfo(Pointer device, Info memory);
}
