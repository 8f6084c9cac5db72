package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.S3Uri;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where inputs' results go: the input's key below its prefix, the extension replaced by the
 * format's.
 *
 * @param output prefix of the results
 * @param inputs prefix of the inputs: an output must not land among them, unless the whole output
 *     prefix lies there (and is left out of the listing); null when the inputs have no prefix
 */
record OutputKeys(S3Uri output, TranslationJob.Format format, @Nullable S3Uri inputs) {
    /** S3's limit, UTF-8 bytes. */
    static final int MAX_KEY_BYTES = 1024;

    /**
     * The manifest's entry for an input.
     *
     * @param below the input's key below its prefix
     * @param first the input that was given the same output before this one; null when none was
     */
    ManifestEntry entry(
            S3Uri input, @Nullable String etag, long size, String below, @Nullable S3Uri first) {
        S3Uri target = output.resolve(OpenStems.stem(below) + "." + format.extension());
        Failure problem = problem(input, target, first);
        return new ManifestEntry(
                input.toString(), etag, size, problem == null ? target.toString() : null, problem);
    }

    private @Nullable Failure problem(S3Uri input, S3Uri target, @Nullable S3Uri first) {
        int bytes = target.key().getBytes(StandardCharsets.UTF_8).length;
        if (first != null) {
            return Failure.permanent(
                    Stage.PLAN,
                    "OUTPUT_COLLISION",
                    "The result of %s would be %s, which is that of %s: rename one of the two"
                            .formatted(input, target, first));
        } else if (bytes > MAX_KEY_BYTES) {
            return Failure.permanent(
                    Stage.PLAN,
                    "KEY_TOO_LONG",
                    "The result of %s would have a key of %d bytes; S3 allows %d"
                            .formatted(input, bytes, MAX_KEY_BYTES));
        } else if (target.equals(input) || isAmongInputs(target)) {
            return Failure.permanent(
                    Stage.PLAN,
                    "OUTPUT_AMONG_INPUTS",
                    "The result of %s would be %s, which lies among the inputs: choose another output.uri"
                            .formatted(input, target));
        }
        return null;
    }

    private boolean isAmongInputs(S3Uri target) {
        return inputs != null && isBelow(target, inputs) && !isBelow(output, inputs);
    }

    static boolean isBelow(S3Uri uri, S3Uri prefix) {
        return uri.bucket().equals(prefix.bucket()) && uri.key().startsWith(prefix.key());
    }
}
