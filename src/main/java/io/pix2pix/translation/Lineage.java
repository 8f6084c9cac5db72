package io.pix2pix.translation;

import io.pix2pix.event.Json;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.storage.S3Uri;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an output was made from, kept in its object's metadata: it tells a later attempt that the
 * work is done, and a reader where an image comes from.
 *
 * @param jobId the job that wrote it
 * @param modelSha256 of the model's file
 * @param input the input's URI
 * @param inputEtag the input's entity tag as read
 * @param parameters digest of all else that decides the output's bytes
 */
record Lineage(String jobId, String modelSha256, S3Uri input, String inputEtag, String parameters) {
    private static final String JOB = "pix2pix-job";
    private static final String MODEL = "pix2pix-model";
    private static final String INPUT = "pix2pix-input";
    private static final String INPUT_ETAG = "pix2pix-input-etag";
    private static final String PARAMETERS = "pix2pix-parameters";
    private static final String WIDTH = "pix2pix-width";
    private static final String HEIGHT = "pix2pix-height";

    /**
     * @param version of the way from a file to pixels and back; a change of ours that alters
     *     outputs raises it
     */
    private record Parameters(
            int version,
            TranslationJob.@Nullable Normalization normalization,
            TranslationJob.Size size,
            TranslationJob.Side side,
            TranslationJob.Format format,
            int quality) {}

    /** Metadata of an output. */
    record Labelled(Lineage lineage, int width, int height) {}

    static String parameters(TranslationJob job) {
        TranslationJob.Output output = job.output();
        int quality = output.format() == TranslationJob.Format.JPEG ? output.quality() : 0;
        return Json.digest(
                new Parameters(
                        1,
                        job.model().normalization(),
                        job.size(),
                        job.input().side(),
                        output.format(),
                        quality));
    }

    /** Whether both were made from the same, whatever the job. */
    boolean isSameWork(Lineage other) {
        return modelSha256.equals(other.modelSha256)
                && input.equals(other.input)
                && inputEtag.equals(other.inputEtag)
                && parameters.equals(other.parameters);
    }

    /** Metadata for an output of this size, pixels. */
    Map<String, String> toMetadata(int width, int height) {
        return Map.of(
                JOB, jobId,
                MODEL, modelSha256,
                INPUT, input.toString(),
                INPUT_ETAG, inputEtag,
                PARAMETERS, parameters,
                WIDTH, Integer.toString(width),
                HEIGHT, Integer.toString(height));
    }

    /** Reads {@link #toMetadata}; null when an object does not have it. */
    static @Nullable Labelled read(Map<String, String> metadata) {
        String job = metadata.get(JOB);
        String model = metadata.get(MODEL);
        String input = metadata.get(INPUT);
        String etag = metadata.get(INPUT_ETAG);
        String parameters = metadata.get(PARAMETERS);
        if (job == null || model == null || input == null || etag == null || parameters == null) {
            return null;
        }
        try {
            return new Labelled(
                    new Lineage(job, model, S3Uri.parse(input), etag, parameters),
                    Integer.parseInt(metadata.getOrDefault(WIDTH, "0")),
                    Integer.parseInt(metadata.getOrDefault(HEIGHT, "0")));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
