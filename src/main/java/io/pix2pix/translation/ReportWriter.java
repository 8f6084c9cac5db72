package io.pix2pix.translation;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationResult.Outcome;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.translation.ShardResults.Stored;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sums a job up that has come to its end: {@code report.json} and {@code failures.jsonl}. It holds
 * a few shards in memory at a time. The results that it reads never change, so writing a report
 * again writes the same. Safe for use by several threads.
 */
public final class ReportWriter {
    /** Shards that are read at a time: one after the other, a report waits for storage alone. */
    private static final int AT_A_TIME = 16;

    private final ObjectStore store;

    public ReportWriter(ObjectStore store) {
        this.store = store;
    }

    /**
     * Writes the report unless it is there.
     *
     * @param stop asked before each shard; true ends the work, as an interrupt does
     * @return URI of {@code report.json}
     * @throws FailureException stage TASK; NOT_FOUND when a shard that is done has no results
     * @throws TaskStoppedException as asked for by {@code stop}
     */
    public S3Uri write(ReportTask task, BooleanSupplier stop) {
        JobLayout layout = layout(task);
        Path failures = null;
        try {
            if (store.head(layout.report()).isPresent()) {
                return layout.report();
            }
            failures = Files.createTempFile("pix2pix-failures", ".jsonl");
            Report report = sumUp(task, layout, failures, stop);
            store.upload(failures, layout.failures(), "application/x-ndjson", Map.of());
            store.create(layout.report(), Json.write(report), "application/json", Map.of());
            return layout.report();
        } catch (FailureException e) {
            throw Failures.at(Stage.TASK, e, "The job's report: ");
        } catch (IOException e) {
            throw new UncheckedIOException("Failed to write the report of " + task.jobId(), e);
        } finally {
            delete(failures);
        }
    }

    /** A job may be cancelled before anybody has looked at its URIs. */
    private static JobLayout layout(ReportTask task) {
        try {
            return JobLayout.of(task.job());
        } catch (IllegalArgumentException e) {
            throw Failures.permanent(
                    Stage.TASK, "INVALID_JOB", "The job's report: output.uri: " + e.getMessage());
        }
    }

    private Report sumUp(ReportTask task, JobLayout layout, Path failures, BooleanSupplier stop)
            throws IOException {
        ShardResults shards = new ShardResults(store, layout);
        Set<Integer> notDone = Set.copyOf(task.notDone());
        Sum sum = new Sum();
        PrimitiveIterator.OfInt done =
                IntStream.range(0, task.shards()).filter(s -> !notDone.contains(s)).iterator();
        int summed = 0;
        try (OutputStream lines = new BufferedOutputStream(Files.newOutputStream(failures));
                ReadAhead<Stored> results =
                        new ReadAhead<>("report", done, AT_A_TIME, shards::read)) {
            while (results.hasNext()) {
                if (stop.getAsBoolean()) {
                    throw new TaskStoppedException("the report of " + task.jobId(), summed);
                }
                Stored stored = results.next();
                sum.modelSha256 = sum.modelSha256 == null ? stored.modelSha256() : sum.modelSha256;
                for (TranslationResult result : stored.results()) {
                    sum.add(result);
                    if (result.outcome() == Outcome.FAILED) {
                        lines.write(Json.write(result));
                        lines.write('\n');
                    }
                }
                summed++;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TaskStoppedException("the report of " + task.jobId(), summed);
        }
        return sum.report(task, layout);
    }

    private static void delete(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Sum {
        private long succeeded;
        private long skipped;
        private long failed;
        private long bytes;
        private final SortedMap<String, Long> failuresByCode = new TreeMap<>();
        private @Nullable String modelSha256;
        private @Nullable Instant first;
        private @Nullable Instant last;

        void add(TranslationResult result) {
            switch (result.outcome()) {
                case SUCCEEDED -> {
                    succeeded++;
                    bytes += result.bytes();
                }
                case SKIPPED -> skipped++;
                case FAILED -> failed++;
            }
            if (result.failure() != null) {
                failuresByCode.merge(result.failure().code(), 1L, Long::sum);
            }
            Instant at = result.finishedAt();
            first = first == null || at.isBefore(first) ? at : first;
            last = last == null || at.isAfter(last) ? at : last;
        }

        private State state(ReportTask task) {
            if (task.cancelled()) {
                return State.CANCELLED;
            }
            return failed == 0 ? State.SUCCEEDED : State.COMPLETED_WITH_FAILURES;
        }

        Report report(ReportTask task, JobLayout layout) {
            long done = succeeded + skipped + failed;
            return new Report(
                    task.jobId(),
                    state(task),
                    task.job(),
                    task.shards(),
                    task.planned(),
                    task.images(),
                    done,
                    task.images() - done,
                    task.notDone(),
                    succeeded,
                    skipped,
                    failed,
                    failuresByCode,
                    layout.failures().toString(),
                    bytes,
                    modelSha256,
                    first,
                    last);
        }
    }
}
