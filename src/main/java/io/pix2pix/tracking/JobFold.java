package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.Following;
import io.pix2pix.event.TaskEvent.ImagesArrived;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TaskEvent.PlanCompleted;
import io.pix2pix.event.TaskEvent.ReportFailed;
import io.pix2pix.event.TaskEvent.ReportProgress;
import io.pix2pix.event.TaskEvent.ReportWritten;
import io.pix2pix.event.TaskEvent.ShardPlanned;
import io.pix2pix.event.TaskEvent.TaskCompleted;
import io.pix2pix.event.TaskEvent.TaskFailed;
import io.pix2pix.event.TaskEvent.TaskProgress;
import io.pix2pix.event.TaskEvent.TaskReturned;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.tracking.JobState.Again;
import io.pix2pix.tracking.JobState.Out;
import io.pix2pix.tracking.TrackedJob.Errand;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@link Fold} of translation jobs. */
final class JobFold extends Fold<JobState> {
    /** How long a cancelled job waits for what its workers were at, for the report to have it. */
    private static final Duration SETTLING = Duration.ofSeconds(10);

    /**
     * A standing shard that takes so many bytes is full: with the job, of as many at most, it fits
     * into the smallest message that may be configured, whatever its keys are.
     */
    private static final int FULL_BYTES = 256 << 10;

    JobFold(TrackingConfig config) {
        super(config);
    }

    @Override
    @Nullable JobState begin(TaskEvent event) {
        JobState state = new JobState();
        state.jobId = event.jobId();
        if (event instanceof JobSubmitted e) {
            state.digest = e.digest();
            state.job = e.job();
            state.submittedAt = e.at();
            return state;
        }
        if (event instanceof JobRejected e) {
            // Wrong from the start: known by its id and its failure only.
            state.digest = e.digest();
            return state;
        }
        return null;
    }

    @Override
    void fold(JobState s, TaskEvent event, Instant now) {
        if (event instanceof ShardPlanned e) {
            shardPlanned(s, e, now);
        } else if (event instanceof PlanCompleted e) {
            planCompleted(s, e);
        } else if (event instanceof Following e) {
            following(s, e);
        } else if (event instanceof ImagesArrived e) {
            arrived(s, e, now);
        } else if (event instanceof TaskProgress e) {
            progress(s, e, now);
        } else if (event instanceof TaskCompleted e) {
            completed(s, e, now);
        } else if (event instanceof TaskReturned e) {
            Out out = heard(s, e.shard(), e.attempt(), now);
            if (out != null) {
                s.out.remove(e.shard());
                s.again.put(e.shard(), new Again(e.attempt(), now, null));
                s.wastedMillis += e.deviceMillis() + ofOthers(out, e.attempt());
                changed();
            }
        } else if (event instanceof TaskFailed e) {
            Out out = heard(s, e.shard(), e.attempt(), now);
            if (out != null) {
                s.wastedMillis += e.deviceMillis() + ofOthers(out, e.attempt());
                retry(s, e.shard(), e.attempt() + 1, e.failure(), now);
            }
        } else if (event instanceof ReportProgress e) {
            Errand reporting = s.reporting;
            // An earlier attempt's is from before its failure, and came late.
            if (reporting != null && e.attempt() >= reporting.attempt()) {
                s.reporting = reporting.seen(e.attempt(), now);
                changed();
            }
        } else if (event instanceof ReportWritten e) {
            if (s.reporting != null) {
                s.report = e.report();
                s.state =
                        s.state == State.CANCELLING
                                ? State.CANCELLED
                                : s.failed == 0 ? State.SUCCEEDED : State.COMPLETED_WITH_FAILURES;
                changed();
            }
        } else if (event instanceof ReportFailed e) {
            reportFailed(s, e.attempt(), e.failure(), now);
        }
    }

    private void shardPlanned(JobState s, ShardPlanned e, Instant now) {
        // Shards come in order; an earlier one is a planner that starts again after a crash.
        if (s.digest.equals(e.digest())
                && e.shard() == s.shards
                && !s.planned
                && s.state != State.CANCELLING) {
            s.shards++;
            s.images += e.images();
            s.plan = s.plan.seen(1, now);
            changed();
            if (s.state == State.PLANNING) {
                s.state = State.RUNNING;
            }
        }
    }

    private void planCompleted(JobState s, PlanCompleted e) {
        boolean whole = e.shards() == s.shards;
        if (whole && s.digest.equals(e.digest()) && !s.planned && s.state != State.CANCELLING) {
            s.planned = true;
            s.images = e.images();
            changed();
        }
    }

    private void following(JobState s, Following e) {
        if (s.digest.equals(e.digest()) && !s.following && s.state != State.CANCELLING) {
            s.following = true;
            s.state = s.state == State.PLANNING ? State.RUNNING : s.state;
            changed();
        }
    }

    /** Takes images that are new to the job: full shards at once, the rest when it has waited. */
    private void arrived(JobState s, ImagesArrived e, Instant now) {
        for (TaskEvent.Arrival image : e.images()) {
            s.openSince = s.open == 0 ? now : s.openSince;
            emit(new Output.Arrived(s.shards, s.open++, image.entry()));
            s.openBytes += Json.write(image.entry()).length;
            s.images++;
            if (s.open == s.theJob().shardSize() || s.openBytes >= FULL_BYTES) {
                s.closeShard();
            }
        }
        changed();
    }

    /** Whether the job wants to hear of images. */
    static boolean wantsImages(JobState s, String digest) {
        return s.following && s.digest.equals(digest) && !s.state.wantsNoWork();
    }

    @Override
    void cancel(JobState s, Instant now) {
        if (s.open > 0) {
            s.closeShard();
        }
        s.state = State.CANCELLING;
        s.cancelledAt = now;
        s.again.clear();
        // Whoever gets one of these from the queue sees the job's state and drops it.
        s.out.values().removeIf(out -> out.seenAt() == null);
    }

    private void progress(JobState s, TaskProgress e, Instant now) {
        Out out = heard(s, e.shard(), e.attempt(), now);
        if (out != null) {
            s.wastedMillis += ofOthers(out, e.attempt());
            s.out.put(
                    e.shard(),
                    new Out(
                            e.attempt(),
                            out.sentAt(),
                            now,
                            e.worker(),
                            e.done(),
                            e.deviceMillis()));
            started(s, now);
        }
    }

    private void started(JobState s, Instant now) {
        if (s.startedAt == null) {
            s.startedAt = now;
        }
        changed();
    }

    private void completed(JobState s, TaskCompleted e, Instant now) {
        boolean late = s.state == State.CANCELLING && s.reporting != null;
        if (e.shard() >= s.shards || late) {
            return;
        }
        if (s.isDone(e.shard())) {
            // The second of two attempts: its results are those of the first.
            if (e.deviceMillis() > 0) {
                s.wastedMillis += e.deviceMillis();
                changed();
            }
            return;
        }
        Out out = heard(s, e.shard(), e.attempt(), now);
        s.wastedMillis += out == null ? 0 : ofOthers(out, e.attempt());
        s.markDone(e.shard());
        s.out.remove(e.shard());
        s.again.remove(e.shard());
        if (s.following) {
            emit(new Output.ShardDone(e.shard()));
        }
        s.deviceMillis += e.deviceMillis();
        for (TranslationResult r : e.results()) {
            switch (r.outcome()) {
                case SUCCEEDED -> s.succeeded++;
                case SKIPPED -> s.skipped++;
                case FAILED -> s.failed++;
            }
            emit(new Output.Result(r));
        }
        started(s, now);
    }

    /** The task, if this attempt or an earlier delivery of it is the one that is handed out. */
    private @Nullable Out heard(JobState s, int shard, int attempt, Instant now) {
        Out out = s.out.get(shard);
        if (out == null || attempt < out.attempt()) {
            return null;
        }
        if (out.seenAt() == null) {
            order.started(out.sentAt(), now);
        }
        return out;
    }

    /** Device time of the deliveries before this one, whose workers died. */
    private static long ofOthers(Out out, int attempt) {
        return attempt > out.attempt() ? out.deviceMillis() : 0;
    }

    private void retry(JobState s, int shard, int attempt, @Nullable Failure failure, Instant now) {
        Instant notBefore = now.plus(config.backoffBefore(attempt));
        s.out.remove(shard);
        s.again.put(shard, new Again(attempt, notBefore, failure));
        s.attemptsFailed++;
        changed();
    }

    @Override
    void watch(JobState s, Instant now) {
        if (s.open > 0 && !s.openSince.plus(config.followDelay()).isAfter(now)) {
            s.closeShard();
            changed();
        }
        // Over a copy: removing changes a TreeMap's entries under one's feet.
        new TreeMap<>(s.out)
                .forEach(
                        (shard, out) -> {
                            if (isSilent(out.seenAt(), now)
                                    || (out.seenAt() == null
                                            && order.hasPassed(out.sentAt(), now))) {
                                lost(s, shard, out, now);
                            } else if (isForgotten(out.sentAt(), out.seenAt(), now)) {
                                s.out.remove(shard);
                                s.again.put(shard, new Again(out.attempt(), now, null));
                                changed();
                            }
                        });
        Errand reporting = s.reporting;
        if (reporting != null && isSilent(reporting.seenAt(), now)) {
            Failure silence = givenUp("The job's report", reporting.attempt());
            boolean again = reporting.attempt() < MAX_SILENT_ATTEMPTS;
            reportFailed(
                    s,
                    reporting.attempt(),
                    again ? Failure.retriable(silence.stage(), "LOST", silence.message()) : silence,
                    now);
        }
    }

    private void lost(JobState s, int shard, Out out, Instant now) {
        s.wastedMillis += out.deviceMillis();
        if (out.attempt() >= MAX_SILENT_ATTEMPTS) {
            fail(s, givenUp("Task %s/%d".formatted(s.jobId, shard), out.attempt()));
        } else {
            retry(s, shard, out.attempt() + 1, null, now);
        }
    }

    private void reportFailed(JobState s, int attempt, Failure failure, Instant now) {
        Errand reporting = s.reporting;
        if (reporting == null || reporting.notBefore() != null || attempt < reporting.attempt()) {
            return;
        }
        changed();
        if (failure.retriable()) {
            int next = attempt + 1;
            s.reporting = Errand.later(next, patiently(next, now));
            s.attemptsFailed++;
        } else {
            boolean cancelled = s.state == State.CANCELLING;
            s.failure =
                    new Failure(
                            failure.stage(),
                            failure.code(),
                            "%s the report could not be written: %s"
                                    .formatted(
                                            cancelled ? "" : "All images are done, but",
                                            failure.message())
                                    .strip(),
                            failure.retriable());
            s.state = cancelled ? State.CANCELLED : State.FAILED;
        }
    }

    @Override
    void handOut(JobState s, Instant now) {
        if (s.planned && s.shardsDone == s.shards && s.state != State.CANCELLING) {
            s.state = State.REPORTING;
        }
        switch (s.state) {
            case RUNNING -> handOutTasks(s, now);
            case REPORTING -> askForReport(s, now);
            case CANCELLING -> {
                s.again.clear();
                boolean settled =
                        !Objects.requireNonNull(s.cancelledAt).plus(SETTLING).isAfter(now);
                if (s.out.isEmpty() || settled) {
                    s.out.clear();
                    askForReport(s, now);
                }
            }
            default -> {
                // Nothing is handed out.
            }
        }
    }

    /** Keeps the job's window of tasks in the queue: first what failed, then what is new. */
    private void handOutTasks(JobState s, Instant now) {
        // Over a copy: removing changes a TreeMap's entries under one's feet.
        new TreeMap<>(s.again)
                .forEach(
                        (shard, again) -> {
                            if (s.out.size() < config.window() && !again.notBefore().isAfter(now)) {
                                s.again.remove(shard);
                                handOut(s, shard, again.attempt(), again.failure(), now);
                            }
                        });
        while (s.out.size() < config.window() && s.next < s.shards) {
            handOut(s, s.next++, 1, null, now);
        }
    }

    private void handOut(
            JobState s, int shard, int attempt, @Nullable Failure lastFailure, Instant now) {
        s.out.put(shard, Out.sent(attempt, order.sending(now)));
        changed();
        emit(
                new Output.Task(
                        new TranslationTask(
                                s.jobId,
                                shard,
                                s.imagesOf(shard),
                                attempt,
                                lastFailure,
                                s.theJob())));
    }

    private void askForReport(JobState s, Instant now) {
        Errand reporting = s.reporting == null ? Errand.later(1, now) : s.reporting;
        if (reporting.notBefore() == null || reporting.notBefore().isAfter(now)) {
            return;
        }
        // Nobody tells of a report that takes seconds, so the silence counts from here.
        s.reporting = reporting.sent(now).seen(1, now);
        changed();
        emit(
                new Output.Report(
                        new ReportTask(
                                s.jobId,
                                reporting.attempt(),
                                s.shards,
                                s.images,
                                s.planned,
                                s.state == State.CANCELLING,
                                s.state == State.CANCELLING ? s.notDone() : List.of(),
                                s.theJob())));
    }
}
