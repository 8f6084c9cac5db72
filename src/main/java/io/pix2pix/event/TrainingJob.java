package io.pix2pix.event;

import static io.pix2pix.event.Checks.orElse;
import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for: train a generator on these pairs. Users write it to the topic {@code
 * training-jobs}; fields left out have the reference implementation's defaults.
 *
 * @param jobId names the job for good: letters, digits, dot, underscore and dash, at most 128
 * @param dataset the pairs to train on
 * @param output where checkpoints and samples go
 * @param checkpoint how often the state is kept, and how many
 * @param validation what to measure on; null: nothing
 * @param initFrom weights to begin with: a {@code .pth} of the reference, a checkpoint's prefix or
 *     a {@code generator.pt} of ours; null: random ones
 * @param resumeFrom prefix of a checkpoint to go on from, with its optimizer and position; null:
 *     the beginning
 */
public record TrainingJob(
        String jobId,
        Dataset dataset,
        Output output,
        Generator generator,
        Discriminator discriminator,
        Training training,
        Checkpoint checkpoint,
        @Nullable Validation validation,
        @Nullable String initFrom,
        @Nullable String resumeFrom)
        implements Job {
    public TrainingJob {
        Checks.jobId(jobId);
        require(dataset != null, "dataset is missing");
        require(output != null, "output is missing");
        generator = orElse(generator, Generator.DEFAULT);
        discriminator = orElse(discriminator, Discriminator.DEFAULT);
        training = orElse(training, Training.DEFAULT);
        checkpoint = orElse(checkpoint, Checkpoint.DEFAULT);
        require(
                initFrom == null || resumeFrom == null,
                "initFrom and resumeFrom exclude each other: one begins anew, one goes on");
    }

    /**
     * @param uri {@code s3://} prefix, ending in a slash
     */
    public record Dataset(String uri, Layout layout, Direction direction) {
        public Dataset {
            require(uri != null, "dataset.uri is missing");
            require(uri.endsWith("/"), "dataset.uri must be a prefix and end in a slash");
            layout = orElse(layout, Layout.SIDE_BY_SIDE);
            direction = orElse(direction, Direction.A_TO_B);
        }
    }

    /** Where the two pictures of a pair are. */
    public enum Layout {
        /** One file a pair: A is its left half, B its right half. */
        @JsonProperty("side-by-side")
        SIDE_BY_SIDE,
        /**
         * Two files a pair, with equal names but for the ending, below {@code A/} and {@code B/}.
         */
        @JsonProperty("folders")
        FOLDERS
    }

    /** Which picture of a pair the generator is given. */
    public enum Direction {
        @JsonProperty("AtoB")
        A_TO_B,
        @JsonProperty("BtoA")
        B_TO_A
    }

    /**
     * @param uri {@code s3://} prefix, ending in a slash
     */
    public record Output(String uri) {
        public Output {
            require(uri != null, "output.uri is missing");
            require(uri.endsWith("/"), "output.uri must be a prefix and end in a slash");
        }
    }

    /**
     * @param network {@code unet_256}, {@code unet_128}, {@code resnet_9blocks}, ...
     * @param filters after the first convolution (the reference's ngf)
     * @param norm {@code batch} or {@code instance}
     */
    public record Generator(
            String network,
            Integer filters,
            Integer inputChannels,
            Integer outputChannels,
            String norm,
            Boolean dropout) {
        @SuppressWarnings("NullAway") // Null is how JSON says "the default".
        static final Generator DEFAULT = new Generator(null, null, null, null, null, null);

        public Generator {
            network = orElse(network, "unet_256");
            filters = orElse(filters, 64);
            inputChannels = orElse(inputChannels, 3);
            outputChannels = orElse(outputChannels, 3);
            norm = orElse(norm, "batch");
            dropout = orElse(dropout, true);
            require(filters >= 1, "generator.filters must be positive");
            require(inputChannels >= 1, "generator.inputChannels must be positive");
            require(outputChannels >= 1, "generator.outputChannels must be positive");
        }
    }

    /**
     * @param network {@code basic} (PatchGAN) or {@code pixel}
     * @param filters after the first convolution (the reference's ndf)
     * @param layers of the PatchGAN, 1 to 5; 3 sees patches of 70 x 70
     */
    public record Discriminator(String network, Integer filters, Integer layers) {
        @SuppressWarnings("NullAway") // Null is how JSON says "the default".
        static final Discriminator DEFAULT = new Discriminator(null, null, null);

        public Discriminator {
            network = orElse(network, "basic");
            filters = orElse(filters, 64);
            layers = orElse(layers, 3);
            require(filters >= 1, "discriminator.filters must be positive");
            require(layers >= 1 && layers <= 5, "discriminator.layers must be 1 to 5");
        }
    }

    /**
     * @param epochs at the full learning rate
     * @param decayEpochs more, in which it falls linearly to zero
     * @param loss {@code vanilla}, {@code lsgan} or {@code wgangp}
     * @param loadSize pairs are resized to this many pixels in width and height, bicubic
     * @param cropSize and a square of this many is cut out at random
     * @param flip whether pairs are mirrored with probability 0.5
     * @param initialization {@code normal}, {@code xavier}, {@code kaiming} or {@code orthogonal}
     * @param precision {@code float32} or {@code bfloat16}
     */
    public record Training(
            Integer epochs,
            Integer decayEpochs,
            Integer batchSize,
            Double learningRate,
            Double beta1,
            Double lambdaL1,
            String loss,
            Integer loadSize,
            Integer cropSize,
            Boolean flip,
            Long seed,
            String initialization,
            String precision) {
        @SuppressWarnings("NullAway") // Null is how JSON says "the default".
        static final Training DEFAULT =
                new Training(
                        null, null, null, null, null, null, null, null, null, null, null, null,
                        null);

        public Training {
            epochs = orElse(epochs, 100);
            decayEpochs = orElse(decayEpochs, 100);
            batchSize = orElse(batchSize, 1);
            learningRate = orElse(learningRate, 2e-4);
            beta1 = orElse(beta1, 0.5);
            lambdaL1 = orElse(lambdaL1, 100.0);
            loss = orElse(loss, "vanilla");
            loadSize = orElse(loadSize, 286);
            cropSize = orElse(cropSize, 256);
            flip = orElse(flip, true);
            seed = orElse(seed, 42L);
            initialization = orElse(initialization, "normal");
            precision = orElse(precision, "float32");
            require(
                    isCount(epochs) && isCount(decayEpochs),
                    "training.epochs and decayEpochs must be 0 to 100000");
            require(epochs + decayEpochs >= 1, "training.epochs and decayEpochs are both 0");
            require(batchSize >= 1, "training.batchSize must be positive");
            require(
                    learningRate > 0 && Double.isFinite(learningRate),
                    "training.learningRate must be positive, found " + learningRate);
            require(beta1 >= 0 && beta1 < 1, "training.beta1 must be at least 0 and below 1");
            require(lambdaL1 >= 0, "training.lambdaL1 must not be negative");
            require(cropSize >= 1, "training.cropSize must be positive");
            require(loadSize <= 8192, "training.loadSize must be at most 8192");
            require(
                    cropSize <= loadSize,
                    "training.cropSize %d is larger than loadSize %d"
                            .formatted(cropSize, loadSize));
        }

        private static boolean isCount(int epochs) {
            return epochs >= 0 && epochs <= 100_000;
        }

        /** All epochs. */
        public int totalEpochs() {
            return epochs + decayEpochs;
        }
    }

    /**
     * @param everyEpochs a checkpoint is written at the end of every such epoch
     * @param keep how many of the latest stay; the best stays beside them
     */
    public record Checkpoint(Integer everyEpochs, Integer keep) {
        @SuppressWarnings("NullAway") // Null is how JSON says "the default".
        static final Checkpoint DEFAULT = new Checkpoint(null, null);

        public Checkpoint {
            everyEpochs = orElse(everyEpochs, 5);
            keep = orElse(keep, 3);
            require(everyEpochs >= 1, "checkpoint.everyEpochs must be positive");
            require(keep >= 1, "checkpoint.keep must be positive");
        }
    }

    /**
     * @param uri {@code s3://} prefix of pairs in the dataset's layout
     * @param everyEpochs how often
     * @param samples rows of the sample sheet
     * @param earlyStopping null: off
     */
    public record Validation(
            String uri,
            Integer everyEpochs,
            Integer samples,
            @Nullable EarlyStopping earlyStopping) {
        public Validation {
            require(uri != null, "validation.uri is missing");
            require(uri.endsWith("/"), "validation.uri must be a prefix and end in a slash");
            everyEpochs = orElse(everyEpochs, 5);
            samples = orElse(samples, 4);
            require(everyEpochs >= 1, "validation.everyEpochs must be positive");
            require(samples >= 0, "validation.samples must not be negative");
        }
    }

    /**
     * Ends the training when the metric has not become better for so many validations.
     *
     * @param metric which one; the best checkpoint is chosen by it
     */
    public record EarlyStopping(Metric metric, Integer patience) {
        public EarlyStopping {
            metric = orElse(metric, Metric.L1);
            patience = orElse(patience, 5);
            require(patience >= 1, "validation.earlyStopping.patience must be positive");
        }
    }

    /** What validation measures. */
    public enum Metric {
        @JsonProperty("l1")
        L1,
        @JsonProperty("psnr")
        PSNR,
        @JsonProperty("ssim")
        SSIM
    }
}
