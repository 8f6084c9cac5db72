package io.pix2pix.engine;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.pix2pix.image.Pixels;
import java.util.List;

/** Forgets to close an array with each batch: a leak check that does not see that sees nothing. */
public final class ForgetfulGenerator implements Generator {
    private final PtNDManager scope;
    private final Generator generator;

    public ForgetfulGenerator(TensorEngine engine, Generator generator) {
        this.scope = engine.newManager();
        this.generator = generator;
    }

    @Override
    public int inputChannels() {
        return generator.inputChannels();
    }

    @Override
    public int sizeMultiple() {
        return generator.sizeMultiple();
    }

    @Override
    public List<Pixels> translate(List<Pixels> batch) {
        var forgotten = scope.zeros(new Shape(batch.size(), 3, 32, 32));
        forgotten.setName("forgotten");
        return generator.translate(batch);
    }

    @Override
    public void close() {
        generator.close();
        scope.close();
    }
}
