package io.pix2pix.engine;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Pixels;
import io.pix2pix.network.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A generator that runs as a TorchScript module. */
final class TorchGenerator implements Generator {
    /** The network itself, on numbers. */
    @FunctionalInterface
    interface Forward {
        /**
         * @param x [N, C, H, W] in [-1, 1]
         * @return the same, which belongs to {@code scope}
         */
        PtNDArray run(PtNDManager scope, PtNDArray x);
    }

    private final LoadedModule module;
    private final Forward forward;
    private final LoadedModule codec;
    private final int inputChannels;
    private final int sizeMultiple;
    private ByteBuffer samples = ByteBuffer.allocateDirect(0);

    /** Owns both modules from now on. */
    TorchGenerator(LoadedModule module, LoadedModule codec, int inputChannels, int sizeMultiple) {
        this(
                module,
                (scope, x) -> module.run(scope, "forward", x),
                codec,
                inputChannels,
                sizeMultiple);
    }

    /** Owns both modules from now on. */
    TorchGenerator(
            LoadedModule module,
            Forward forward,
            LoadedModule codec,
            int inputChannels,
            int sizeMultiple) {
        this.module = module;
        this.forward = forward;
        this.codec = codec;
        this.inputChannels = inputChannels;
        this.sizeMultiple = sizeMultiple;
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
        if (batch.isEmpty()) {
            return List.of();
        }
        batch.forEach(image -> requireFit(image, batch.get(0)));
        try (PtNDManager scope = module.newScope()) {
            NDArray samples = upload(scope, batch);
            NDArray greatest = scope.create(batch.get(0).bits() == 8 ? 255f : 65535f);
            PtNDArray x = codec.run(scope, "encode", samples, greatest);
            PtNDArray[] y = codec.runList(scope, "decode", forward.run(scope, x));
            if (!Float.isFinite(y[1].getFloat())) {
                throw failure("NOT_FINITE", "The generator gave outputs that are no numbers");
            }
            return download(y[0]);
        } catch (EngineException e) {
            throw failure(e);
        }
    }

    /**
     * The bare forward pass.
     *
     * @param x [N, C, H, W] in [-1, 1]
     * @return [N, C, H, W] in [-1, 1]
     */
    Tensor forward(Tensor x) {
        try {
            return module.forward(x);
        } catch (EngineException e) {
            throw failure(e);
        }
    }

    private void requireFit(Pixels image, Pixels first) {
        if (image.channels() != inputChannels) {
            throw failure(
                    "CHANNELS",
                    "The generator takes images of %d channels, found %s"
                            .formatted(inputChannels, image));
        }
        if (image.width() % sizeMultiple != 0 || image.height() % sizeMultiple != 0) {
            throw failure(
                    "SIZE",
                    "The generator takes images whose width and height are multiples of %d, found %s"
                            .formatted(sizeMultiple, image));
        }
        if (image.width() != first.width()
                || image.height() != first.height()
                || image.bits() != first.bits()) {
            throw new IllegalArgumentException("A batch holds %s and %s".formatted(first, image));
        }
    }

    /** The samples as [N, H, W, C]; 16-bit ones as float32, which the engine has everywhere. */
    private NDArray upload(PtNDManager scope, List<Pixels> batch) {
        Pixels first = batch.get(0);
        Shape shape = new Shape(batch.size(), first.height(), first.width(), first.channels());
        boolean wide = first.bits() == 16;
        int bytes = Math.multiplyExact(Math.toIntExact(shape.size()), wide ? Float.BYTES : 1);
        if (samples.capacity() < bytes) {
            samples = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        }
        ByteBuffer target = samples.clear().limit(bytes);
        for (Pixels image : batch) {
            if (wide) {
                for (short sample : image.shorts()) {
                    target.putFloat(sample & 0xFFFF);
                }
            } else {
                target.put(image.bytes());
            }
        }
        return scope.create(target.flip(), shape, wide ? DataType.FLOAT32 : DataType.UINT8);
    }

    private static List<Pixels> download(PtNDArray pixels) {
        long[] shape = pixels.getShape().getShape();
        int height = (int) shape[1];
        int width = (int) shape[2];
        int channels = (int) shape[3];
        ByteBuffer bytes = pixels.toByteBuffer(true);
        List<Pixels> images = new ArrayList<>();
        for (int i = 0; i < shape[0]; i++) {
            byte[] image = new byte[height * width * channels];
            bytes.get(image);
            images.add(Pixels.of8(width, height, channels, image));
        }
        return images;
    }

    private static FailureException failure(String code, String message) {
        return new FailureException(Failure.permanent(Stage.GENERATE, code, message));
    }

    private FailureException failure(EngineException e) {
        return module.failure(
                Stage.GENERATE, "FORWARD_FAILED", "The generator refused its input", e);
    }

    @Override
    public void close() {
        module.close();
        codec.close();
    }
}
