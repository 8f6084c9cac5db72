package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All the tracker knows of one translation job. A job of a million images stays in the order of
 * kilobytes, since finished shards are one bit each, and a standing job's not even that.
 */
final class JobState extends TrackedJob {
    @Nullable TranslationJob job;

    /**
     * Shards that are complete: 0 to shards - 1. Their manifests are stored, but for a standing
     * job's, which travel with their tasks and are stored by whoever does those.
     */
    int shards;

    long images;
    boolean planned;

    /** A standing job that waits for what arrives. */
    boolean following;

    /** Images that arrived for the shard after the last. */
    int open;

    /** What they take in the shard's task, bytes of JSON. */
    long openBytes;

    /** When the first of them did. */
    Instant openSince = Instant.EPOCH;

    /** Shards handed out at least once: 0 to next - 1. */
    int next;

    /** One bit a finished shard, from {@code doneBelow} on. */
    long[] done = {};

    /**
     * All shards before this one are finished, without a bit: a multiple of 64, and 0 unless the
     * job is standing, whose shards are without number.
     */
    int doneBelow;

    int shardsDone;
    long succeeded;
    long skipped;
    long failed;

    /** Tasks that are handed out, by shard. */
    TreeMap<Integer, Out> out = new TreeMap<>();

    /** Tasks to be handed out again, by shard. */
    TreeMap<Integer, Again> again = new TreeMap<>();

    /** When a user cancelled. */
    @Nullable Instant cancelledAt;

    /** The writing of the report; null before the job's end. */
    @Nullable Errand reporting;

    @Nullable String report;

    /**
     * A task in the queue or with a worker.
     *
     * @param seenAt when a worker was last heard of; null while none has started
     * @param worker who that was
     * @param imagesDone images the worker has finished, as last heard
     * @param deviceMillis device time of the attempt, as last heard
     */
    record Out(
            int attempt,
            Instant sentAt,
            @Nullable Instant seenAt,
            @Nullable String worker,
            int imagesDone,
            long deviceMillis) {
        static Out sent(int attempt, Instant at) {
            return new Out(attempt, at, null, null, 0, 0);
        }

        Out heardNow(Instant now) {
            Instant seen = seenAt == null ? null : now;
            return new Out(attempt, now, seen, worker, imagesDone, deviceMillis);
        }
    }

    /**
     * A task to be handed out again.
     *
     * @param attempt the attempt it will be
     * @param notBefore when its backoff ends
     * @param failure how the attempt before ended; null when its worker went silent or handed back
     */
    record Again(int attempt, Instant notBefore, @Nullable Failure failure) {}

    @Override
    void heardNow(Instant now) {
        super.heardNow(now);
        out.replaceAll((shard, o) -> o.heardNow(now));
        reporting = reporting == null ? null : reporting.heardNow(now);
    }

    boolean isDone(int shard) {
        return shard < doneBelow || BitSet.valueOf(done).get(shard - doneBelow);
    }

    void markDone(int shard) {
        BitSet bits = BitSet.valueOf(done);
        bits.set(shard - doneBelow);
        done = bits.toLongArray();
        shardsDone++;
        if (following) {
            dropFullWords();
        }
    }

    private void dropFullWords() {
        int full = 0;
        while (full < done.length && done[full] == -1L) {
            full++;
        }
        done = Arrays.copyOfRange(done, full, done.length);
        doneBelow += full * Long.SIZE;
    }

    /** The planned shards that have no results. */
    List<Integer> notDone() {
        BitSet bits = BitSet.valueOf(done);
        List<Integer> missing = new ArrayList<>(shards - shardsDone);
        for (int bit = bits.nextClearBit(0); doneBelow + bit < shards; ) {
            missing.add(doneBelow + bit);
            bit = bits.nextClearBit(bit + 1);
        }
        return missing;
    }

    /** The images that arrived are a shard now. */
    void closeShard() {
        shards++;
        open = 0;
        openBytes = 0;
    }

    /** Images of a shard of a job that is not standing: every shard is full but the last. */
    int imagesOf(int shard) {
        int full = theJob().shardSize();
        boolean last = planned && shard == shards - 1;
        return last ? (int) (images - (long) full * (shards - 1)) : full;
    }

    @Override
    TranslationJob theJob() {
        if (job == null) {
            throw new IllegalStateException("Job " + jobId + " was never submitted");
        }
        return job;
    }

    @Override
    boolean isPlanned() {
        return planned || following;
    }

    @Override
    State resumed() {
        return shards > 0 || following ? State.RUNNING : State.PLANNING;
    }

    @Override
    void end() {
        out.clear();
        again.clear();
        reporting = null;
    }

    @Override
    JobStatus status() {
        int running = 0;
        long runningImages = 0;
        TreeSet<String> workers = new TreeSet<>();
        for (Out o : out.values()) {
            if (o.seenAt() != null) {
                running++;
                runningImages += o.imagesDone();
            }
            if (o.seenAt() != null && o.worker() != null) {
                workers.add(o.worker());
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
                workers.stream().limit(JobStatus.MAX_WORKERS).toList(),
                attemptsFailed,
                deviceMillis,
                wastedMillis,
                lastCommand,
                report,
                failure,
                message(),
                submittedAt,
                startedAt,
                updatedAt,
                finishedAt);
    }

    @Override
    Tally tally() {
        int running = 0;
        Instant waitingSince = null;
        for (Out o : out.values()) {
            if (o.seenAt() != null) {
                running++;
            } else if (waitingSince == null || o.sentAt().isBefore(waitingSince)) {
                waitingSince = o.sentAt();
            }
        }
        return new Tally(shards - shardsDone, running, waitingSince);
    }

    private String message() {
        long ended = succeeded + skipped + failed;
        return switch (state) {
            case PLANNING -> "listing the inputs, %,d images so far".formatted(images);
            case RUNNING ->
                    isPlanned()
                            ? "%,d of %,d images done%s"
                                    .formatted(ended, images, following ? ", more may come" : "")
                            : "%,d images done, still listing: %,d so far".formatted(ended, images);
            case PAUSED -> "paused; resume to go on";
            case REPORTING -> "all images done, writing the report";
            case CANCELLING -> "cancelled, stopping: %,d images done".formatted(ended);
            case SUCCEEDED -> "%,d images translated, %,d skipped".formatted(succeeded, skipped);
            case COMPLETED_WITH_FAILURES ->
                    "%,d images translated, %,d skipped, %,d failed: see failures.jsonl beside the report"
                            .formatted(succeeded, skipped, failed);
            case FAILED -> failure == null ? "failed" : failure.message();
            case CANCELLED ->
                    "cancelled after %,d of %s%,d images%s"
                            .formatted(
                                    ended,
                                    isPlanned() ? "" : "at least ",
                                    images,
                                    failure == null ? "" : "; " + failure.message());
            case UNKNOWN -> throw new IllegalStateException("A tracked job is known");
        };
    }
}
