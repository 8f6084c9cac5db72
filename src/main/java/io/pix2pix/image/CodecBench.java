package io.pix2pix.image;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Measures what decoding, resizing and encoding cost, each alone: processor time of the calling
 * thread, warmed up, the median of several passes. So it may run beside other work. Time of the
 * garbage collector and of the compiler is other threads' and not counted.
 */
public final class CodecBench {
    private static final int WARM_UP_PASSES = 2;
    private static final int PASSES = 5;

    /** So that a pass takes longer than the clock's steps. */
    private static final int IMAGES_A_PASS = 32;

    private final Decoder decoder;
    private final int channels;
    private final Region region;

    /**
     * @param channels of the decoded images, 1 or 3
     */
    public CodecBench(Decoder decoder, int channels, Region region) {
        this.decoder = decoder;
        this.channels = channels;
        this.region = region;
    }

    /** Core-milliseconds an image. */
    public record Times(double decode, double resize, double encode) {
        public double total() {
            return decode + resize + encode;
        }
    }

    /**
     * @param files image files, at least one
     * @param width to which the decoded images are resized, pixels
     * @param outputs what is encoded: the generator's results, which are other pictures than its
     *     inputs and other work for the encoder; at least one
     * @param encoder such as {@code Encoder::png}
     */
    public Times measure(
            List<byte[]> files,
            int width,
            int height,
            List<Pixels> outputs,
            Function<Pixels, byte[]> encoder) {
        List<Pixels> decoded = files.stream().limit(IMAGES_A_PASS).map(this::decode).toList();
        return new Times(
                coreMillis(files, this::decode),
                coreMillis(decoded, image -> Resize.bicubic(image, width, height)),
                coreMillis(outputs, encoder));
    }

    private Pixels decode(byte[] file) {
        return decoder.decode(file, channels, region);
    }

    private static <T, R> double coreMillis(List<T> items, Function<T, R> work) {
        for (int i = 0; i < WARM_UP_PASSES; i++) {
            pass(items, work);
        }
        double[] passes = new double[PASSES];
        for (int i = 0; i < PASSES; i++) {
            passes[i] = pass(items, work);
        }
        Arrays.sort(passes);
        return passes[PASSES / 2];
    }

    private static <T, R> double pass(List<T> items, Function<T, R> work) {
        var thread = ManagementFactory.getThreadMXBean();
        long bytesSeen = 0;
        long start = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < IMAGES_A_PASS; i++) {
            R result = work.apply(items.get(i % items.size()));
            // The result is looked at, or the compiler might drop the work.
            bytesSeen += result.hashCode() & 1;
        }
        long nanos = thread.getCurrentThreadCpuTime() - start;
        return bytesSeen < 0 ? 0 : nanos / 1e6 / IMAGES_A_PASS;
    }
}
