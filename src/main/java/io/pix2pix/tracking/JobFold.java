package io.pix2pix.tracking;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.CommandReceived;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TaskEvent.PlanCompleted;
import io.pix2pix.event.TaskEvent.ReportWritten;
import io.pix2pix.event.TaskEvent.ShardPlanned;
import io.pix2pix.event.TaskEvent.TaskCompleted;
import io.pix2pix.event.TaskEvent.TaskFailed;
import io.pix2pix.event.TaskEvent.TaskProgress;
import io.pix2pix.event.TaskEvent.TaskReturned;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Folds one job's events into its state and says what follows from them. Plain logic: no Kafka, no
 * clock of its own. What was seen before changes nothing, so repeated messages are harmless.
 */
final class JobFold {
    private final TrackingConfig config;
    private final List<Output> outputs = new ArrayList<>();
    private boolean changed;

    JobFold(TrackingConfig config) {
        this.config = config;
    }

    /**
     * What became of an event.
     *
     * @param state the job's state now; null when the event was about no known job
     * @param changed whether the state differs from before and must be stored
     */
    record Step(@Nullable JobState state, boolean changed, List<Output> outputs) {}

    /** Takes one event. {@code state} is changed in place. */
    Step apply(@Nullable JobState state, TaskEvent event, Instant now) {
        outputs.clear();
        changed = false;
        JobState known = state;
        if (event instanceof JobSubmitted e) {
            known = submitted(state, e);
        } else if (known == null && event instanceof JobRejected e) {
            known = refused(e, now);
        } else if (known == null) {
            unknown(event);
        } else if (!known.state.isTerminal()) {
            fold(known, event, now);
        }
        return finish(known, now);
    }

    /** Hands out what waited long enough and what got lost; called about every second. */
    Step tick(JobState state, Instant now) {
        outputs.clear();
        changed = false;
        if (!state.state.isTerminal()) {
            Instant silentSince = now.minus(config.lostAfter());
            // Over a copy: removing changes a TreeMap's entries under one's feet.
            new TreeMap<>(state.out)
                    .forEach(
                            (shard, out) -> {
                                if (out.seenAt() != null && out.seenAt().isBefore(silentSince)) {
                                    retry(state, shard, out.attempt() + 1, null, now);
                                }
                            });
            if (state.state == State.REPORTING
                    && state.reportAskedAt != null
                    && state.reportAskedAt.isBefore(silentSince)) {
                askForReport(state, now);
            }
        }
        return finish(state, now);
    }

    private Step finish(@Nullable JobState state, Instant now) {
        if (state != null) {
            handOut(state, now);
            if (changed) {
                state.updatedAt = now;
                if (state.state.isTerminal()) {
                    state.finishedAt = now;
                    state.out.clear();
                    state.again.clear();
                }
                outputs.add(new Output.Status(state.status()));
            }
        }
        return new Step(state, changed, List.copyOf(outputs));
    }

    private JobState submitted(@Nullable JobState state, JobSubmitted e) {
        if (state == null) {
            JobState fresh = new JobState();
            fresh.jobId = e.jobId();
            fresh.digest = e.digest();
            fresh.job = e.job();
            fresh.submittedAt = e.at();
            changed = true;
            return fresh;
        }
        if (!state.digest.equals(e.digest())) {
            outputs.add(Output.Dead.jobIdTaken(e.jobId(), e.job(), state.submittedAt));
        }
        return state;
    }

    /** A job that was wrong from the start: known by its id and its failure only. */
    private JobState refused(JobRejected e, Instant now) {
        JobState state = new JobState();
        state.jobId = e.jobId();
        state.digest = e.digest();
        state.submittedAt = now;
        fold(state, e, now);
        return state;
    }

    private void unknown(TaskEvent event) {
        outputs.add(
                new Output.Dead(
                        event.jobId(),
                        event,
                        Failure.permanent(Stage.SUBMIT, "NO_SUCH_JOB", "No job " + event.jobId())));
    }

    private void fold(JobState s, TaskEvent event, Instant now) {
        if (event instanceof ShardPlanned e) {
            shardPlanned(s, e);
        } else if (event instanceof PlanCompleted e) {
            planCompleted(s, e, now);
        } else if (event instanceof JobRejected e) {
            if (s.digest.equals(e.digest())) {
                s.failure = e.failure();
                s.state = State.FAILED;
                changed = true;
            }
        } else if (event instanceof CommandReceived e) {
            command(s, e.action());
        } else if (event instanceof TaskProgress e) {
            progress(s, e, now);
        } else if (event instanceof TaskCompleted e) {
            completed(s, e, now);
        } else if (event instanceof TaskReturned e) {
            if (isOut(s, e.shard(), e.attempt())) {
                s.again.put(e.shard(), new JobState.Again(e.attempt(), now, null));
                s.out.remove(e.shard());
                changed = true;
            }
        } else if (event instanceof TaskFailed e) {
            if (isOut(s, e.shard(), e.attempt())) {
                retry(s, e.shard(), e.attempt() + 1, e.failure(), now);
            }
        } else if (event instanceof ReportWritten e) {
            s.report = e.report();
            s.state = s.failed == 0 ? State.SUCCEEDED : State.COMPLETED_WITH_FAILURES;
            changed = true;
        }
    }

    private void shardPlanned(JobState s, ShardPlanned e) {
        // Shards come in order; an earlier one is a planner that starts again after a crash.
        if (s.digest.equals(e.digest()) && e.shard() == s.shards && !s.planned) {
            s.shards++;
            s.images += e.images();
            changed = true;
            if (s.state == State.PLANNING) {
                s.state = State.RUNNING;
            }
        }
    }

    private void planCompleted(JobState s, PlanCompleted e, Instant now) {
        if (s.digest.equals(e.digest()) && !s.planned) {
            s.planned = true;
            s.images = e.images();
            changed = true;
            finishIfAllIn(s, now);
        }
    }

    private void command(JobState s, JobCommand.Action action) {
        switch (action) {
            case CANCEL -> {
                s.state = State.CANCELLED;
                changed = true;
            }
            case PAUSE -> {
                if (s.state == State.PLANNING || s.state == State.RUNNING) {
                    s.state = State.PAUSED;
                    changed = true;
                }
            }
            case RESUME -> {
                if (s.state == State.PAUSED) {
                    s.state = s.shards > 0 ? State.RUNNING : State.PLANNING;
                    changed = true;
                }
            }
        }
    }

    private void progress(JobState s, TaskProgress e, Instant now) {
        if (isOut(s, e.shard(), e.attempt())) {
            s.out.put(e.shard(), new JobState.Out(e.attempt(), now, e.done()));
            if (s.startedAt == null) {
                s.startedAt = now;
            }
            changed = true;
        }
    }

    private void completed(JobState s, TaskCompleted e, Instant now) {
        if (e.shard() >= s.shards || s.isDone(e.shard())) {
            return;
        }
        s.markDone(e.shard());
        s.out.remove(e.shard());
        s.again.remove(e.shard());
        s.deviceMillis += e.deviceMillis();
        if (s.startedAt == null) {
            s.startedAt = now;
        }
        for (TranslationResult r : e.results()) {
            switch (r.outcome()) {
                case SUCCEEDED -> s.succeeded++;
                case SKIPPED -> s.skipped++;
                case FAILED -> s.failed++;
            }
            outputs.add(new Output.Result(r));
        }
        changed = true;
        finishIfAllIn(s, now);
    }

    private void finishIfAllIn(JobState s, Instant now) {
        if (s.planned && s.shardsDone == s.shards) {
            s.state = State.REPORTING;
            askForReport(s, now);
        }
    }

    private void askForReport(JobState s, Instant now) {
        s.reportAskedAt = now;
        changed = true;
        outputs.add(new Output.Report(new ReportTask(s.jobId, s.shards, s.theJob())));
    }

    /** Whether this attempt, or an earlier delivery of it, is the one that is handed out. */
    private static boolean isOut(JobState s, int shard, int attempt) {
        JobState.Out out = s.out.get(shard);
        return out != null && attempt >= out.attempt();
    }

    private void retry(JobState s, int shard, int attempt, @Nullable Failure failure, Instant now) {
        Instant notBefore = now.plus(config.backoffBefore(attempt));
        s.out.remove(shard);
        s.again.put(shard, new JobState.Again(attempt, notBefore, failure));
        s.attemptsFailed++;
        changed = true;
    }

    /** Keeps the job's window of tasks in the queue: first what failed, then what is new. */
    private void handOut(JobState s, Instant now) {
        if (s.state != State.RUNNING) {
            return;
        }
        // Over a copy: removing changes a TreeMap's entries under one's feet.
        new TreeMap<>(s.again)
                .forEach(
                        (shard, again) -> {
                            if (s.out.size() < config.window() && !again.notBefore().isAfter(now)) {
                                s.again.remove(shard);
                                handOut(s, shard, again.attempt(), again.failure());
                            }
                        });
        while (s.out.size() < config.window() && s.next < s.shards) {
            handOut(s, s.next++, 1, null);
        }
    }

    private void handOut(JobState s, int shard, int attempt, @Nullable Failure lastFailure) {
        s.out.put(shard, new JobState.Out(attempt, null, 0));
        changed = true;
        outputs.add(
                new Output.Task(
                        new TranslationTask(
                                s.jobId,
                                shard,
                                s.imagesOf(shard),
                                attempt,
                                lastFailure,
                                s.theJob())));
    }
}
