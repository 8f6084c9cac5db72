package io.pix2pix.tracking;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.CommandReceived;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.SliceFailed;
import io.pix2pix.event.TaskEvent.SliceProgress;
import io.pix2pix.event.TaskEvent.SliceReturned;
import io.pix2pix.event.TaskEvent.TrainingPlanned;
import io.pix2pix.event.TaskEvent.TrainingSubmitted;
import io.pix2pix.event.TrainingEvent.CheckpointPublished;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingEvent.TrainingCompleted;
import io.pix2pix.event.TrainingTask;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Folds one training job's events into its state and says what follows from them. Plain logic: no
 * Kafka, no clock of its own. What was seen before changes nothing, so repeated messages are
 * harmless.
 */
final class TrainingFold {
    /**
     * A training may have run for days: by waiting as if so many attempts had been before, it
     * outlives an outage of minutes.
     */
    private static final int PATIENCE = 4;

    private final TrackingConfig config;
    private final List<Output> outputs = new ArrayList<>();
    private boolean changed;

    TrainingFold(TrackingConfig config) {
        this.config = config;
    }

    /** What became of an event: whether the state must be stored, and what to send. */
    record Step(TrainingJobState state, boolean changed, List<Output> outputs) {}

    /** The state of a job that was just submitted. */
    static TrainingJobState begin(TrainingSubmitted e) {
        TrainingJobState state = new TrainingJobState();
        state.jobId = e.jobId();
        state.digest = e.digest();
        state.job = e.job();
        state.submittedAt = e.at();
        return state;
    }

    /** The state of a job that was wrong from the start. */
    static TrainingJobState begin(JobRejected e, Instant now) {
        TrainingJobState state = new TrainingJobState();
        state.jobId = e.jobId();
        state.digest = e.digest();
        state.submittedAt = now;
        return state;
    }

    /** Takes one event. {@code state} is changed in place. */
    Step apply(TrainingJobState state, TaskEvent event, Instant now) {
        outputs.clear();
        changed = event instanceof TrainingSubmitted && state.updatedAt.equals(Instant.EPOCH);
        if (event instanceof TrainingSubmitted e && !state.digest.equals(e.digest())) {
            outputs.add(Output.Dead.jobIdTaken(e.jobId(), e.job(), state.submittedAt));
        } else if (!state.state.isTerminal()) {
            fold(state, event, now);
        }
        return finish(state, now);
    }

    /** Hands out what waited long enough and what got lost; called about every second. */
    Step tick(TrainingJobState state, Instant now) {
        outputs.clear();
        changed = false;
        TrainingJobState.Out out = state.out;
        if (out != null
                && out.seenAt() != null
                && out.seenAt().isBefore(now.minus(config.lostAfter()))) {
            retry(state, out, null, now);
        }
        return finish(state, now);
    }

    private Step finish(TrainingJobState state, Instant now) {
        handOut(state, now);
        if (changed) {
            state.updatedAt = now;
            if (state.state.isTerminal()) {
                state.finishedAt = now;
                state.out = null;
                state.again = null;
            }
            outputs.add(new Output.Status(state.status()));
        }
        return new Step(state, changed, List.copyOf(outputs));
    }

    private void fold(TrainingJobState s, TaskEvent event, Instant now) {
        if (event instanceof TrainingPlanned e) {
            if (s.digest.equals(e.digest()) && s.dataset == null) {
                s.dataset = e.dataset();
                s.state = s.state == State.PLANNING ? State.RUNNING : s.state;
                changed = true;
            }
        } else if (event instanceof JobRejected e) {
            if (s.digest.equals(e.digest())) {
                s.failure = e.failure();
                s.state = State.FAILED;
                changed = true;
            }
        } else if (event instanceof CommandReceived e) {
            command(s, e.action());
        } else if (event instanceof SliceProgress e) {
            progress(s, e, now);
        } else if (event instanceof EpochCompleted e) {
            epochCompleted(s, e);
        } else if (event instanceof CheckpointPublished e) {
            checkpointPublished(s, e);
        } else if (event instanceof SliceReturned e) {
            TrainingJobState.Out out = s.out;
            if (out != null && out.slice() == e.slice() && e.attempt() >= out.attempt()) {
                s.again = new TrainingJobState.Again(nextAttempt(s, out, 0), now, null);
                s.out = null;
                changed = true;
            }
        } else if (event instanceof SliceFailed e) {
            TrainingJobState.Out out = s.out;
            if (out != null && out.slice() == e.slice() && e.attempt() >= out.attempt()) {
                retry(s, out, e.failure(), now);
            }
        } else if (event instanceof TrainingCompleted e) {
            s.generator = e.generator();
            s.checkpoint = e.checkpoint();
            s.bestCheckpoint = e.bestCheckpoint();
            s.step = e.steps();
            s.validation = e.validation() == null ? s.validation : e.validation();
            s.state = State.SUCCEEDED;
            changed = true;
            outputs.add(new Output.Event(e));
        }
    }

    private void command(TrainingJobState s, JobCommand.Action action) {
        State next =
                switch (action) {
                    case CANCEL -> State.CANCELLED;
                    case PAUSE -> State.PAUSED;
                    case RESUME ->
                            s.state == State.PAUSED
                                    ? s.dataset == null ? State.PLANNING : State.RUNNING
                                    : s.state;
                };
        changed |= next != s.state;
        s.state = next;
    }

    private void progress(TrainingJobState s, SliceProgress e, Instant now) {
        TrainingJobState.Out out = s.out;
        if (out != null && out.slice() == e.slice() && e.attempt() >= out.attempt()) {
            s.out = new TrainingJobState.Out(e.slice(), e.attempt(), out.fromStep(), now);
            // A worker says 0 until it has read the checkpoint that it goes on from.
            s.step = Math.max(e.step(), Math.max(0, s.checkpointStep));
            if (s.startedAt == null) {
                s.startedAt = now;
            }
            changed = true;
        }
    }

    private void epochCompleted(TrainingJobState s, EpochCompleted e) {
        // An earlier epoch is a worker that repeats what one before it had done and lost.
        if (e.epoch() > s.epoch()) {
            s.lastEpoch = e;
            s.step = e.step();
            s.validation = e.validation() == null ? s.validation : e.validation();
            s.deviceMillis += deviceMillis(s, e);
            changed = true;
            outputs.add(new Output.Event(e));
        }
    }

    private static long deviceMillis(TrainingJobState s, EpochCompleted e) {
        if (e.imagesPerSecond() <= 0) {
            return 0;
        }
        double seconds = s.theDataset().pairs() / e.imagesPerSecond() * e.deviceShare();
        return Math.round(seconds * TimeUnit.SECONDS.toMillis(1));
    }

    private void checkpointPublished(TrainingJobState s, CheckpointPublished e) {
        if (e.step() > s.checkpointStep) {
            s.checkpoint = e.uri();
            s.checkpointStep = e.step();
            if (e.best()) {
                s.bestCheckpoint = e.uri();
            }
            changed = true;
            outputs.add(new Output.Event(e));
        }
    }

    /** Attempts count only while nothing is gained: a checkpoint made since begins anew. */
    private static int nextAttempt(TrainingJobState s, TrainingJobState.Out out, int more) {
        return s.checkpointStep > out.fromStep() ? 1 : out.attempt() + more;
    }

    private void retry(
            TrainingJobState s, TrainingJobState.Out out, @Nullable Failure failure, Instant now) {
        int attempt = nextAttempt(s, out, 1);
        s.again =
                new TrainingJobState.Again(
                        attempt, now.plus(config.backoffBefore(attempt + PATIENCE)), failure);
        s.out = null;
        s.attemptsFailed++;
        changed = true;
    }

    /** Keeps one slice in the queue. */
    private void handOut(TrainingJobState s, Instant now) {
        if (s.state != State.RUNNING || s.out != null) {
            return;
        }
        TrainingJobState.Again again = s.again;
        if (again == null) {
            handOut(s, 1, null);
        } else if (!again.notBefore().isAfter(now)) {
            s.again = null;
            handOut(s, again.attempt(), again.failure());
        }
    }

    private void handOut(TrainingJobState s, int attempt, @Nullable Failure lastFailure) {
        int slice = s.slices++;
        s.out = new TrainingJobState.Out(slice, attempt, s.checkpointStep, null);
        changed = true;
        outputs.add(
                new Output.Slice(
                        new TrainingTask(
                                s.jobId,
                                slice,
                                attempt,
                                s.checkpoint,
                                s.theDataset(),
                                lastFailure,
                                s.theJob())));
    }
}
