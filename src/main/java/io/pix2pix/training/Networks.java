package io.pix2pix.training;

import io.pix2pix.event.TrainingJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.network.Architecture;
import io.pix2pix.network.DiscriminatorSpec;
import io.pix2pix.network.GanLoss;
import io.pix2pix.network.GeneratorSpec;
import io.pix2pix.network.Initialization;
import io.pix2pix.network.NormKind;
import io.pix2pix.network.Precision;
import io.pix2pix.network.Resnet;
import io.pix2pix.network.Statistics;
import io.pix2pix.network.TrainingSpec;
import io.pix2pix.storage.S3Uri;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a job says of its networks, as specifications.
 *
 * <p>What is wrong is a {@link FailureException} of stage SUBMIT, code INVALID_JOB, that begins
 * with the JSON path.
 */
public final class Networks {
    /** Beyond this a tensor would not fit an array; the reference's default is 64. */
    private static final int MAX_FILTERS = 512;

    private static final int MAX_CHANNELS = 512;

    private Networks() {}

    /** The job's networks; their sizes, the crop's size and the output's URI are checked, too. */
    public static TrainingSpec of(TrainingJob job) {
        GeneratorSpec generator = generator(job.generator());
        DiscriminatorSpec discriminator = discriminator(job, generator);
        TrainingJob.Training training = job.training();
        TrainingSpec spec =
                read(
                        "$.training",
                        training,
                        t ->
                                new TrainingSpec(
                                        generator,
                                        discriminator,
                                        read("$.training.loss", t.loss(), GanLoss::parse),
                                        t.lambdaL1(),
                                        t.beta1(),
                                        read(
                                                "$.training.precision",
                                                t.precision(),
                                                Precision::parse)));
        initialization(job);
        output(job);
        requireSize(training, spec);
        return spec;
    }

    /** How the job's weights are drawn before training. */
    public static Initialization initialization(TrainingJob job) {
        return read(
                "$.training.initialization",
                job.training().initialization(),
                Initialization::parse);
    }

    /**
     * What the job's generator normalizes by when translating: the reference normalizes by the
     * batch, and for one image that is the image's own statistics.
     */
    public static Statistics statistics(TrainingJob job) {
        boolean alone =
                job.training().batchSize() == 1
                        || NormKind.parse(job.generator().norm()) == NormKind.INSTANCE;
        return alone ? Statistics.INSTANCE : Statistics.RUNNING;
    }

    /** An S3 URI of the job. */
    static S3Uri uri(String path, String uri) {
        return read(path, uri, S3Uri::parse);
    }

    /** Where all of a job's objects go; a prefix. */
    static S3Uri output(TrainingJob job) {
        return uri("$.output.uri", job.output().uri());
    }

    private static GeneratorSpec generator(TrainingJob.Generator job) {
        requireAtMost("$.generator.filters", job.filters(), MAX_FILTERS);
        requireAtMost("$.generator.inputChannels", job.inputChannels(), MAX_CHANNELS);
        requireAtMost("$.generator.outputChannels", job.outputChannels(), MAX_CHANNELS);
        return new GeneratorSpec(
                read("$.generator.network", job.network(), Architecture::parse),
                job.filters(),
                job.inputChannels(),
                job.outputChannels(),
                read("$.generator.norm", job.norm(), NormKind::parse),
                job.dropout());
    }

    private static DiscriminatorSpec discriminator(TrainingJob job, GeneratorSpec generator) {
        TrainingJob.Discriminator wanted = job.discriminator();
        requireAtMost("$.discriminator.filters", wanted.filters(), MAX_FILTERS);
        return new DiscriminatorSpec(
                read("$.discriminator.network", wanted.network(), DiscriminatorSpec.Kind::parse),
                wanted.filters(),
                wanted.layers(),
                generator.inputChannels() + generator.outputChannels(),
                generator.norm());
    }

    private static void requireSize(TrainingJob.Training training, TrainingSpec spec) {
        int crop = training.cropSize();
        GeneratorSpec generator = spec.generator();
        int multiple = generator.architecture().sizeMultiple();
        // Mirrored edges need two pixels at the narrowest point, where a ResNet has a quarter.
        int least = generator.architecture() instanceof Resnet ? 2 * multiple : multiple;
        if (crop % multiple != 0 || crop < least) {
            throw Failures.invalidJob(
                    "$.training.cropSize: expected a multiple of %d, at least %d, for %s, found %d"
                            .formatted(multiple, least, generator.architecture().word(), crop));
        }
        if (crop < spec.discriminator().smallestSize()) {
            throw Failures.invalidJob(
                    "$.training.cropSize: expected at least %d for a discriminator of %d layers, found %d; take fewer layers or larger crops"
                            .formatted(
                                    spec.discriminator().smallestSize(),
                                    spec.discriminator().depth(),
                                    crop));
        }
        long numbers =
                Math.max(generator.inputChannels(), generator.outputChannels())
                        * (long) crop
                        * crop;
        if (numbers > Integer.MAX_VALUE / Float.BYTES / (long) training.batchSize()) {
            throw Failures.invalidJob(
                    "$.training.batchSize: %d images of %d x %d pixels do not fit one batch"
                            .formatted(training.batchSize(), crop, crop));
        }
    }

    private static void requireAtMost(String path, int value, int most) {
        if (value > most) {
            throw Failures.invalidJob(
                    "%s: expected at most %d, found %d".formatted(path, most, value));
        }
    }

    private static <A, B> B read(String path, A value, Function<A, B> reading) {
        try {
            return reading.apply(value);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw Failures.invalidJob(
                    "%s: %s%s"
                            .formatted(
                                    path,
                                    message.substring(0, 1).toLowerCase(Locale.ROOT),
                                    message.substring(1)));
        }
    }
}
