package io.pix2pix.testing;

import io.pix2pix.network.Architecture;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.InitialWeights;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Statistics;
import io.pix2pix.torchscript.GeneratorArchive;
import java.io.IOException;
import java.nio.file.Path;

/** Small generators with random weights. */
public final class Models {
    private Models() {}

    /** A U-Net of five levels with four filters: some milliseconds an image of 64 x 64. */
    public static void small(Path file, int inputChannels, long seed) throws IOException {
        GeneratorSpec spec =
                new GeneratorSpec(
                        Architecture.parse("unet_32"), 4, inputChannels, 3, NormKind.BATCH, false);
        new GeneratorArchive(spec, Statistics.INSTANCE, InitialWeights.normal(spec.layers(), seed))
                .write(file);
    }
}
