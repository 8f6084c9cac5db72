package io.pix2pix.event;

import static io.pix2pix.event.Checks.orElse;
import static io.pix2pix.event.Checks.require;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for: translate these images with this model. Users write it to the topic {@code
 * translation-jobs}; fields left out have the defaults given here.
 *
 * @param jobId names the job for good: letters, digits, dot, underscore and dash, at most 128
 * @param model the generator and how it normalizes
 * @param input which images
 * @param output where results go and in which form
 * @param size what the generator is given
 * @param shardSize images a task, 1 to 1000; default 256
 */
public record TranslationJob(
        String jobId, Model model, Input input, Output output, Size size, int shardSize)
        implements Job {

    public static final int DEFAULT_SHARD_SIZE = 256;

    public TranslationJob {
        Checks.jobId(jobId);
        require(model != null, "model is missing");
        require(input != null, "input is missing");
        require(output != null, "output is missing");
        size = orElse(size, Size.DEFAULT);
        shardSize = shardSize == 0 ? DEFAULT_SHARD_SIZE : shardSize;
        require(shardSize >= 1 && shardSize <= 1000, "shardSize must be 1 to 1000");
    }

    /**
     * @param uri {@code s3://} URI of a TorchScript module, [N, C, H, W] to [N, C, H, W] in [-1, 1]
     * @param normalization null: as the model was trained ({@code instance} when it does not say)
     */
    public record Model(String uri, @Nullable Normalization normalization) {
        public Model {
            require(uri != null, "model.uri is missing");
        }
    }

    /** Which statistics the generator's batch norms use when translating. */
    public enum Normalization {
        /** Each image's own, with the learned scale and shift: the reference's at batch size 1. */
        @JsonProperty("instance")
        INSTANCE,
        /** Those gathered in training; the norms are folded into the convolutions. */
        @JsonProperty("running")
        RUNNING
    }

    /**
     * @param uri a prefix when it ends in a slash, else one object
     * @param include glob patterns on the key below the prefix; default: every image file's ending
     * @param exclude glob patterns that take away again
     * @param side which part of each picture is the input
     * @param manifest the object is a list of inputs: one JSON string or {@code {"uri": ...}} a
     *     line
     * @param follow a standing job: nothing is listed; what is written below the prefix from now on
     *     and told of in the topic {@code s3-events} is translated, until the job is cancelled
     */
    public record Input(
            String uri,
            List<String> include,
            List<String> exclude,
            Side side,
            boolean manifest,
            // Left out of other jobs, whose digest stays what it was.
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean follow) {
        public Input {
            require(uri != null, "input.uri is missing");
            require(
                    !follow || uri.endsWith("/"),
                    "input.follow needs a prefix: input.uri must end in a slash");
            require(!follow || !manifest, "input.follow and input.manifest exclude each other");
            include = List.copyOf(orElse(include, List.of()));
            exclude = List.copyOf(orElse(exclude, List.of()));
            side = orElse(side, Side.WHOLE);
        }

        /** A job's input that is there when the job is planned. */
        public Input(
                String uri,
                List<String> include,
                List<String> exclude,
                Side side,
                boolean manifest) {
            this(uri, include, exclude, side, manifest, false);
        }
    }

    /** Which part of a picture is the input; a side-by-side pair holds it in one half. */
    public enum Side {
        @JsonProperty("whole")
        WHOLE,
        @JsonProperty("left")
        LEFT,
        @JsonProperty("right")
        RIGHT
    }

    /**
     * @param uri the prefix of the results; an input's key below its prefix is kept, its ending
     *     replaced
     * @param quality JPEG quality 1 to 100; default 95
     */
    public record Output(String uri, Format format, int quality, IfExists ifExists) {
        public Output {
            require(uri != null, "output.uri is missing");
            format = orElse(format, Format.PNG);
            quality = quality == 0 ? 95 : quality;
            require(quality >= 1 && quality <= 100, "output.quality must be 1 to 100");
            ifExists = orElse(ifExists, IfExists.SKIP);
        }
    }

    public enum Format {
        @JsonProperty("png")
        PNG("png", "image/png"),
        @JsonProperty("jpeg")
        JPEG("jpg", "image/jpeg");

        private final String extension;
        private final String contentType;

        Format(String extension, String contentType) {
            this.extension = extension;
            this.contentType = contentType;
        }

        /** The output key's ending, without the dot. */
        public String extension() {
            return extension;
        }

        public String contentType() {
            return contentType;
        }
    }

    /** What to do where an object of other origin already has the output's key. */
    public enum IfExists {
        @JsonProperty("skip")
        SKIP,
        @JsonProperty("fail")
        FAIL,
        @JsonProperty("overwrite")
        OVERWRITE
    }

    /**
     * @param width of the generator's input and of the output; with {@code resize} only
     * @param height likewise
     */
    public record Size(Mode mode, int width, int height) {
        static final Size DEFAULT = new Size(Mode.RESIZE, 256, 256);

        public Size {
            mode = orElse(mode, Mode.RESIZE);
            width = width == 0 ? 256 : width;
            height = height == 0 ? 256 : height;
            require(width >= 1 && width <= 16384, "size.width must be 1 to 16384");
            require(height >= 1 && height <= 16384, "size.height must be 1 to 16384");
        }

        public enum Mode {
            /** Bicubic to width and height, whatever the picture's shape: the reference's way. */
            @JsonProperty("resize")
            RESIZE,
            /** Keep the size: reflect to the next multiple the network takes, crop back. */
            @JsonProperty("pad")
            PAD
        }
    }
}
