package io.pix2pix.translation;

import io.pix2pix.event.ManifestEntry;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.translation.OutputWriter.Output;
import java.time.Clock;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One try at a task, as its results tell of it.
 *
 * @param number counts from 1, the broker's redeliveries included
 * @param careful which careful attempt it is, from 1; 0: none
 * @param worker who tries
 */
record Attempt(TranslationTask task, int number, int careful, String worker, Clock clock) {
    /** Attempts that may have ended by anything, such as a machine that was taken away. */
    private static final int UNSUSPICIOUS = 2;

    /**
     * Whether an attempt of this number is to be careful. Workers died over this task, so one of
     * its images may have killed them.
     */
    static boolean isSuspicious(TranslationTask task, int number) {
        boolean failedTwice = task.lastFailure() != null && number == task.attempt();
        return number > UNSUSPICIOUS && !failedTwice;
    }

    /** Whether so many careful attempts fit before an attempt of this number. */
    static boolean hasCarefulBefore(int number, int careful) {
        return number > UNSUSPICIOUS + careful;
    }

    /** Whether to take one image at a time: then those that come before a deadly one are done. */
    boolean isCareful() {
        return careful > 0;
    }

    /** Indexes of so many images: every second careful attempt comes from the other end. */
    List<Integer> order(int images) {
        boolean backwards = isCareful() && careful % 2 == 0;
        return IntStream.range(0, images).mapToObj(i -> backwards ? images - 1 - i : i).toList();
    }

    TranslationResult done(int index, ManifestEntry entry, Output output) {
        return new TranslationResult(
                task.jobId(),
                task.shard(),
                index,
                output.skipped() ? Outcome.SKIPPED : Outcome.SUCCEEDED,
                entry.uri(),
                output.inputEtag(),
                entry.output(),
                output.width(),
                output.height(),
                output.bytes(),
                null,
                number,
                worker,
                clock.instant());
    }

    /**
     * @param etag the input's entity tag as it was read, or as it was listed
     */
    TranslationResult failed(
            int index, ManifestEntry entry, @Nullable String etag, Failure failure) {
        return new TranslationResult(
                task.jobId(),
                task.shard(),
                index,
                Outcome.FAILED,
                entry.uri(),
                etag,
                null,
                0,
                0,
                0,
                failure,
                number,
                worker,
                clock.instant());
    }

    @Override
    public String toString() {
        return "attempt %d at shard %d of job %s".formatted(number, task.shard(), task.jobId());
    }
}
