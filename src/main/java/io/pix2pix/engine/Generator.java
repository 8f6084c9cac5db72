package io.pix2pix.engine;

import io.pix2pix.image.Pixels;
import java.util.List;

/**
 * A trained image-to-image network on its device, ready to translate.
 *
 * <p>Not for use by two threads at once; each call may come from another thread.
 */
public interface Generator extends AutoCloseable {
    /** The channels an input image must have (1 gray, 3 red-green-blue, ...). */
    int inputChannels();

    /** Width and height of an input must be multiples of this; 1 when any size fits. */
    int sizeMultiple();

    /**
     * One forward pass. Results do not depend on what else is in the batch (to 1e-5 before
     * rounding).
     *
     * @param batch images of one width, height and bit depth, {@link #inputChannels()} channels
     *     each
     * @return one image of 8 bits a sample for each of the batch, in its order
     * @throws io.pix2pix.failure.FailureException stage GENERATE: a shape that the network refuses,
     *     device memory exhausted, outputs that are no numbers
     */
    List<Pixels> translate(List<Pixels> batch);

    /** Releases device memory. */
    @Override
    void close();
}
