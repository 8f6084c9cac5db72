package io.pix2pix.training;

import io.pix2pix.event.TrainingJob;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * {@code checkpoint.json}: all that going on needs beside the tensors. Its presence makes the
 * checkpoint, so it is written last.
 *
 * @param format {@value #FORMAT}
 * @param job whose checkpoint it is, with the seed that everything random is derived from
 * @param training the file of the tensors
 * @param generator the file of the generator, for translating
 * @param worker that wrote it
 */
public record CheckpointInfo(
        int format,
        TrainingJob job,
        Progress progress,
        StoredFile training,
        StoredFile generator,
        Instant createdAt,
        String worker) {
    static final int FORMAT = 1;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * @param name below the checkpoint's prefix
     * @param size bytes
     * @param sha256 of the content, in hex
     */
    public record StoredFile(String name, long size, String sha256) {
        public StoredFile {
            if (!NAME.matcher(name).matches() || !SHA256.matcher(sha256).matches() || size < 0) {
                throw new IllegalArgumentException(
                        "expected a file's name, size and SHA-256, found '%s', %d, '%s'"
                                .formatted(name, size, sha256));
            }
        }
    }

    public CheckpointInfo {
        if (format != FORMAT) {
            throw new IllegalArgumentException(
                    "expected format %d, found %d".formatted(FORMAT, format));
        }
        Objects.requireNonNull(job, "job is missing");
        Objects.requireNonNull(progress, "progress is missing");
        Objects.requireNonNull(training, "training is missing");
        Objects.requireNonNull(generator, "generator is missing");
    }

    /** Whether it is this job's; another content under the same name is another job. */
    boolean isOf(TrainingJob wanted) {
        return job.equals(wanted);
    }
}
