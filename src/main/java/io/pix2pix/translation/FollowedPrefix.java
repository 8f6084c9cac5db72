package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.storage.S3Uri;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of the objects that are written a standing job takes. Immutable. */
public final class FollowedPrefix {
    private final S3Uri input;
    private final InputFilter filter;
    private final OutputKeys outputs;

    /**
     * @throws RuntimeException when the job is one that {@link Planner#check} refuses
     */
    public FollowedPrefix(TranslationJob job) {
        S3Uri output = JobLayout.of(job).output();
        input = S3Uri.parse(job.input().uri());
        filter = Planner.filter(job, input, output);
        outputs = new OutputKeys(output, job.output().format(), input);
    }

    /**
     * What the job does with an object; empty when it is none of its inputs.
     *
     * @param etag without quotes
     * @param size bytes; -1 when unknown
     */
    public Optional<ManifestEntry> entry(S3Uri object, @Nullable String etag, long size) {
        if (!OutputKeys.isBelow(object, input)) {
            return Optional.empty();
        }
        String below = object.key().substring(input.key().length());
        return filter.accepts(below)
                ? Optional.of(outputs.entry(object, etag, size, below, null))
                : Optional.empty();
    }
}
