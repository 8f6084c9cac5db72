package io.pix2pix.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a scenario came to.
 *
 * @param missing inputs without a committed result
 * @param duplicates committed results beyond the first of an image
 * @param failedWrongly results FAILED of images that nothing is wrong with
 * @param outputs output objects
 * @param halfWritten output objects that are not the whole picture that they should be
 * @param overwritten objects of the job that were written more than once
 * @param contradictions committed results that differ from the shard's results in storage, and
 *     counts in status and report that differ from them
 * @param wasted device time beyond the one that each translated image needs
 * @param startedAgain starts of tasks that are not their first attempt; a task that was handed back
 *     starts at the attempt that it was
 * @param takeovers from a worker's death or freezing to another's start on a task that it was at
 */
record FaultReport(
        String name,
        long seed,
        int images,
        int committed,
        int missing,
        int duplicates,
        int failedWrongly,
        int outputs,
        int halfWritten,
        int overwritten,
        List<String> contradictions,
        int harms,
        Duration wasted,
        Duration device,
        int startedAgain,
        List<Duration> takeovers,
        Duration took) {
    FaultReport {
        takeovers = takeovers.stream().sorted().toList();
    }

    /** The promise itself. */
    void assertNothingLostNothingTwice() {
        assertThat(missing).describedAs("missing: %s", this).isZero();
        assertThat(duplicates).describedAs("duplicates: %s", this).isZero();
        assertThat(failedWrongly).describedAs("failed wrongly: %s", this).isZero();
        assertThat(halfWritten).describedAs("half-written: %s", this).isZero();
        assertThat(overwritten).describedAs("overwritten: %s", this).isZero();
        assertThat(contradictions).describedAs("contradictions: %s", this).isEmpty();
    }

    /** The time within which so many percent of the takeovers were; zero without any. */
    Duration takeover(int percent) {
        if (takeovers.isEmpty()) {
            return Duration.ZERO;
        }
        int index = (int) Math.ceil(takeovers.size() * percent / 100.0) - 1;
        return takeovers.get(Math.max(0, index));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "faults: %s, seed %d: %d images in, %d results committed, %d missing, %d duplicates,"
                        + " %d failed wrongly, %d output objects, %d half-written, %d overwritten,"
                        + " contradictions %s; %d workers harmed, wasted %.2f of %.1f device-seconds,"
                        + " %d tasks started again,"
                        + " %d takeovers in p50 %.1f s, p99 %.1f s; %.1f s",
                name,
                seed,
                images,
                committed,
                missing,
                duplicates,
                failedWrongly,
                outputs,
                halfWritten,
                overwritten,
                contradictions,
                harms,
                wasted.toMillis() / 1000.0,
                device.toMillis() / 1000.0,
                startedAgain,
                takeovers.size(),
                takeover(50).toMillis() / 1000.0,
                takeover(99).toMillis() / 1000.0,
                took.toMillis() / 1000.0);
    }
}
