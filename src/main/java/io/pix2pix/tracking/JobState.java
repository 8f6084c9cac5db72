package io.pix2pix.tracking;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.BitSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All the tracker knows of one translation job. Held as JSON in the tracker's store; a job of a
 * million images stays in the order of kilobytes, since finished shards are one bit each.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
@JsonIgnoreProperties(ignoreUnknown = true)
final class JobState {
    String jobId = "";
    String digest = "";
    @Nullable TranslationJob job;
    State state = State.PLANNING;

    /** Shards whose manifest is written: 0 to shards - 1. */
    int shards;

    long images;
    boolean planned;

    /** Shards handed out at least once: 0 to next - 1. */
    int next;

    /** One bit a finished shard. */
    long[] done = {};

    int shardsDone;
    long succeeded;
    long skipped;
    long failed;
    int attemptsFailed;
    long deviceMillis;

    /** Tasks that are handed out, by shard. */
    TreeMap<Integer, Out> out = new TreeMap<>();

    /** Tasks to be handed out again, by shard. */
    TreeMap<Integer, Again> again = new TreeMap<>();

    @Nullable String report;
    @Nullable Failure failure;
    Instant submittedAt = Instant.EPOCH;
    @Nullable Instant startedAt;
    Instant updatedAt = Instant.EPOCH;
    @Nullable Instant finishedAt;

    /** When the report was asked for last. */
    @Nullable Instant reportAskedAt;

    /**
     * A task in the queue or with a worker.
     *
     * @param seenAt when a worker was last heard of; null while none has started
     * @param imagesDone images the worker has finished, as last heard
     */
    record Out(int attempt, @Nullable Instant seenAt, int imagesDone) {}

    /**
     * A task to be handed out again.
     *
     * @param attempt the attempt it will be
     * @param notBefore when its backoff ends
     * @param failure how the attempt before ended; null when its worker went silent or handed back
     */
    record Again(int attempt, Instant notBefore, @Nullable Failure failure) {}

    /** While no tracker listened, silence meant nothing. */
    void heardNow(Instant now) {
        out.replaceAll(
                (shard, o) -> o.seenAt() == null ? o : new Out(o.attempt(), now, o.imagesDone()));
    }

    boolean isDone(int shard) {
        return BitSet.valueOf(done).get(shard);
    }

    void markDone(int shard) {
        BitSet bits = BitSet.valueOf(done);
        bits.set(shard);
        done = bits.toLongArray();
        shardsDone++;
    }

    /** Images of a shard: every shard is full but the last. */
    int imagesOf(int shard) {
        int full = theJob().shardSize();
        boolean last = planned && shard == shards - 1;
        return last ? (int) (images - (long) full * (shards - 1)) : full;
    }

    TranslationJob theJob() {
        if (job == null) {
            throw new IllegalStateException("Job " + jobId + " was never submitted");
        }
        return job;
    }

    JobStatus status() {
        int running = 0;
        long runningImages = 0;
        for (Out o : out.values()) {
            if (o.seenAt() != null) {
                running++;
                runningImages += o.imagesDone();
            }
        }
        return new JobStatus(
                jobId,
                JobStatus.Kind.TRANSLATION,
                digest,
                state,
                null,
                new JobStatus.Images(images, succeeded, skipped, failed, runningImages),
                planned,
                shards,
                shardsDone,
                running,
                attemptsFailed,
                deviceMillis,
                report,
                failure,
                message(),
                submittedAt,
                startedAt,
                updatedAt,
                finishedAt);
    }

    private String message() {
        return switch (state) {
            case PLANNING -> "listing the inputs, %,d images so far".formatted(images);
            case RUNNING ->
                    planned
                            ? "%,d of %,d images done"
                                    .formatted(succeeded + skipped + failed, images)
                            : "%,d images done, still listing: %,d so far"
                                    .formatted(succeeded + skipped + failed, images);
            case PAUSED -> "paused; resume to go on";
            case REPORTING -> "all images done, writing the report";
            case SUCCEEDED -> "%,d images translated, %,d skipped".formatted(succeeded, skipped);
            case COMPLETED_WITH_FAILURES ->
                    "%,d images translated, %,d skipped, %,d failed: see failures.jsonl beside the report"
                            .formatted(succeeded, skipped, failed);
            case FAILED -> failure == null ? "failed" : failure.message();
            case CANCELLED ->
                    "cancelled after %,d of %,d images"
                            .formatted(succeeded + skipped + failed, images);
        };
    }
}
