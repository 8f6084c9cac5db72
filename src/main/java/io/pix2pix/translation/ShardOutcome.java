package io.pix2pix.translation;

import io.pix2pix.event.TranslationResult;
import java.util.List;

/**
 * A shard that is done: its results are committed.
 *
 * @param results one for each of the manifest's entries, in their order
 * @param deviceNanos how long the device computed for it in this attempt, ns
 * @param times where this attempt's time went
 * @param committedBefore whether the results are those of another attempt
 */
public record ShardOutcome(
        List<TranslationResult> results,
        long deviceNanos,
        StepTimes times,
        boolean committedBefore) {
    public ShardOutcome {
        results = List.copyOf(results);
    }

    static ShardOutcome before(List<TranslationResult> results) {
        return new ShardOutcome(results, 0, StepTimes.NONE, true);
    }
}
