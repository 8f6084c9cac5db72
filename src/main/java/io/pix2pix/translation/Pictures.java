package io.pix2pix.translation;

import io.pix2pix.engine.Generator;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.event.TranslationJob.Size;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.image.Decoder;
import io.pix2pix.image.Encoder;
import io.pix2pix.image.Padding;
import io.pix2pix.image.Pixels;
import io.pix2pix.image.Region;
import io.pix2pix.image.Resize;

/**
 * From a file to what the generator takes, and from what it gives to a file, as the job asks. Safe
 * for use by many threads.
 */
final class Pictures {
    /**
     * A picture that the generator takes.
     *
     * @param input [H, W, C], of the size to give to the generator
     * @param width of the picture without padding
     */
    record Prepared(Pixels input, int width, int height) {
        /** Memory for it and for what the generator makes of it. */
        long bytes() {
            long samples = (long) input.width() * input.height() * input.channels();
            return samples * (input.bits() / 8 + 1);
        }
    }

    /** A photograph's pixels take about this many times its JPEG's bytes. */
    private static final int PIXELS_BY_FILE = 10;

    /** A guess for files whose size is not known. */
    private static final long TYPICAL_FILE = 1 << 20;

    private final Decoder decoder;
    private final TranslationJob job;
    private final int channels;
    private final int multiple;
    private final StepClock clock;

    /**
     * @throws FailureException stage MODEL, permanent, when the generator cannot take the job's
     *     size or any image's channels
     */
    Pictures(Decoder decoder, TranslationJob job, Generator generator, StepClock clock) {
        this.decoder = decoder;
        this.job = job;
        this.channels = generator.inputChannels();
        this.multiple = generator.sizeMultiple();
        this.clock = clock;
        if (channels != 1 && channels != 3) {
            throw Failures.permanent(
                    Stage.MODEL,
                    "WRONG_CHANNELS",
                    "%s takes images of %d channels; images have 1 (gray) or 3 (red-green-blue)"
                            .formatted(job.model().uri(), channels));
        }
        Size size = job.size();
        boolean fits = size.width() % multiple == 0 && size.height() % multiple == 0;
        if (size.mode() == Size.Mode.RESIZE && !fits) {
            throw Failures.permanent(
                    Stage.MODEL,
                    "WRONG_SIZE",
                    "%s takes widths and heights that are multiples of %d; size asks for %d x %d"
                            .formatted(job.model().uri(), multiple, size.width(), size.height()));
        }
    }

    /**
     * Guesses how much memory an image will take, bytes.
     *
     * @param fileSize bytes; -1 when it is not known
     */
    long memory(long fileSize) {
        long file = fileSize < 0 ? TYPICAL_FILE : fileSize;
        Size size = job.size();
        long pixels =
                size.mode() == Size.Mode.RESIZE
                        ? 2L * size.width() * size.height() * channels
                        : PIXELS_BY_FILE * file;
        return file + pixels;
    }

    /**
     * @throws FailureException stage DECODE
     */
    Prepared prepare(byte[] file) {
        Region region =
                switch (job.input().side()) {
                    case WHOLE -> Region.WHOLE;
                    case LEFT -> Region.LEFT;
                    case RIGHT -> Region.RIGHT;
                };
        Pixels picture = clock.time(Step.DECODE, () -> decoder.decode(file, channels, region));
        Pixels input = clock.time(Step.RESIZE, () -> toSize(picture));
        Size size = job.size();
        return size.mode() == Size.Mode.RESIZE
                ? new Prepared(input, size.width(), size.height())
                : new Prepared(input, picture.width(), picture.height());
    }

    private Pixels toSize(Pixels picture) {
        Size size = job.size();
        return switch (size.mode()) {
            case RESIZE -> Resize.bicubic(picture, size.width(), size.height());
            case PAD -> Padding.reflect(picture, multiple);
        };
    }

    /**
     * Takes the padding away. A generator may give another size than it takes; then the padding is
     * scaled with it.
     */
    Pixels crop(Prepared prepared, Pixels output) {
        int width = scaled(prepared.width(), prepared.input().width(), output.width());
        int height = scaled(prepared.height(), prepared.input().height(), output.height());
        boolean whole = width == output.width() && height == output.height();
        return whole ? output : Padding.cropBack(output, width, height);
    }

    private static int scaled(int length, int in, int out) {
        return Math.max(1, (int) ((long) length * out / in));
    }

    /**
     * @throws FailureException stage ENCODE
     */
    byte[] encode(Pixels picture) {
        TranslationJob.Output output = job.output();
        return clock.time(
                Step.ENCODE,
                () ->
                        switch (output.format()) {
                            case PNG -> Encoder.png(picture);
                            case JPEG -> Encoder.jpeg(picture, output.quality());
                        });
    }
}
