package io.pix2pix.engine;

import io.pix2pix.image.Pixels;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands in for a generator on a GPU: takes its time without using the processor, and gives back
 * what it was given. For benchmarks of everything around the forward pass, and for fault tests.
 */
public final class WaitingGenerator implements Generator {
    private final int inputChannels;
    private final int outputChannels;
    private final int sizeMultiple;
    private final Duration perImage;

    /**
     * @param outputChannels output channel c is input channel c, or the last one when there are
     *     fewer
     * @param perImage device time that each image of a batch takes
     */
    public WaitingGenerator(
            int inputChannels, int outputChannels, int sizeMultiple, Duration perImage) {
        this.inputChannels = inputChannels;
        this.outputChannels = outputChannels;
        this.sizeMultiple = sizeMultiple;
        this.perImage = perImage;
    }

    @Override
    public int inputChannels() {
        return inputChannels;
    }

    @Override
    public int sizeMultiple() {
        return sizeMultiple;
    }

    @Override
    public List<Pixels> translate(List<Pixels> batch) {
        long end = System.nanoTime() + perImage.toNanos() * batch.size();
        List<Pixels> outputs = batch.stream().map(this::output).toList();
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
            LockSupport.parkNanos(this, left);
        }
        return outputs;
    }

    private Pixels output(Pixels image) {
        if (image.channels() == outputChannels && image.bits() == 8) {
            return image;
        }
        int shift = image.bits() - 8;
        byte[] samples = new byte[image.width() * image.height() * outputChannels];
        int i = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                for (int c = 0; c < outputChannels; c++) {
                    int from = Math.min(c, image.channels() - 1);
                    samples[i++] = (byte) (image.sample(x, y, from) >> shift);
                }
            }
        }
        return Pixels.of8(image.width(), image.height(), outputChannels, samples);
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
