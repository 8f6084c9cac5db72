package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@link Fold} of training jobs. */
final class TrainingFold extends Fold<TrainingJobState> {
    TrainingFold(TrackingConfig config) {
        super(config);
    }

    @Override
    @Nullable TrainingJobState begin(TaskEvent event) {
        TrainingJobState state = new TrainingJobState();
        state.jobId = event.jobId();
        if (event instanceof TrainingSubmitted e) {
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
    void watch(TrainingJobState s, Instant now) {
        TrainingJobState.Out out = s.out;
        if (out == null) {
            return;
        }
        boolean lost =
                isSilent(out.seenAt(), now)
                        || (out.seenAt() == null && order.hasPassed(out.sentAt(), now));
        if (lost && out.attempt() >= MAX_SILENT_ATTEMPTS) {
            fail(s, givenUp("Training", out.attempt()));
        } else if (lost) {
            retry(s, out, out.attempt() + 1, null, now);
        } else if (isForgotten(out.sentAt(), out.seenAt(), now)) {
            s.again = new TrainingJobState.Again(out.attempt(), now, null);
            s.out = null;
            changed();
        }
    }

    @Override
    void fold(TrainingJobState s, TaskEvent event, Instant now) {
        if (event instanceof TrainingPlanned e) {
            if (s.digest.equals(e.digest()) && s.dataset == null) {
                s.dataset = e.dataset();
                s.state = s.state == State.PLANNING ? State.RUNNING : s.state;
                changed();
            }
        } else if (event instanceof SliceProgress e) {
            progress(s, e, now);
        } else if (event instanceof EpochCompleted e) {
            epochCompleted(s, e);
        } else if (event instanceof CheckpointPublished e) {
            checkpointPublished(s, e);
        } else if (event instanceof SliceReturned e) {
            TrainingJobState.Out out = heard(s, e.slice(), e.attempt(), now);
            if (out != null) {
                s.again = new TrainingJobState.Again(nextAttempt(s, out, e.attempt()), now, null);
                s.out = null;
                changed();
            }
        } else if (event instanceof SliceFailed e) {
            TrainingJobState.Out out = heard(s, e.slice(), e.attempt(), now);
            if (out != null) {
                retry(s, out, e.attempt() + 1, e.failure(), now);
            }
        } else if (event instanceof TrainingCompleted e) {
            s.generator = e.generator();
            s.checkpoint = e.checkpoint();
            s.bestCheckpoint = e.bestCheckpoint();
            s.step = e.steps();
            s.validation = e.validation() == null ? s.validation : e.validation();
            s.state = State.SUCCEEDED;
            changed();
            emit(new Output.Event(e));
        }
    }

    @Override
    void cancel(TrainingJobState s, Instant now) {
        s.state = State.CANCELLED;
    }

    /** The slice, if it is the one that is handed out. */
    private TrainingJobState.@Nullable Out heard(
            TrainingJobState s, int slice, int attempt, Instant now) {
        TrainingJobState.Out out = s.out;
        if (out == null || out.slice() != slice || attempt < out.attempt()) {
            return null;
        }
        if (out.seenAt() == null) {
            order.started(out.sentAt(), now);
        }
        return out;
    }

    private void progress(TrainingJobState s, SliceProgress e, Instant now) {
        TrainingJobState.Out out = heard(s, e.slice(), e.attempt(), now);
        if (out != null) {
            if (e.attempt() > out.attempt() && out.seenAt() != null) {
                // Its worker died, and another has it from the broker.
                wasted(s);
            }
            s.out =
                    new TrainingJobState.Out(
                            e.slice(), e.attempt(), out.fromStep(), out.sentAt(), now, e.worker());
            // A worker says 0 until it has read the checkpoint that it goes on from.
            s.step = Math.max(e.step(), Math.max(0, s.checkpointStep));
            if (s.startedAt == null) {
                s.startedAt = now;
            }
            changed();
        }
    }

    private void epochCompleted(TrainingJobState s, EpochCompleted e) {
        // An earlier epoch is a worker that repeats what one before it had done and lost.
        if (e.epoch() > s.epoch()) {
            s.lastEpoch = e;
            s.step = e.step();
            s.validation = e.validation() == null ? s.validation : e.validation();
            s.deviceMillis += deviceMillis(s, e);
            changed();
            emit(new Output.Event(e));
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
            changed();
            emit(new Output.Event(e));
        }
    }

    /** Attempts count only while nothing is gained: a checkpoint made since begins anew. */
    private static int nextAttempt(TrainingJobState s, TrainingJobState.Out out, int counted) {
        return s.checkpointStep > out.fromStep() ? 1 : counted;
    }

    private void retry(
            TrainingJobState s,
            TrainingJobState.Out out,
            int counted,
            @Nullable Failure failure,
            Instant now) {
        int attempt = nextAttempt(s, out, counted);
        s.again = new TrainingJobState.Again(attempt, patiently(attempt, now), failure);
        s.out = null;
        wasted(s);
        s.attemptsFailed++;
        changed();
    }

    /** The steps beyond the newest checkpoint are to be done again. */
    private static void wasted(TrainingJobState s) {
        long lost = s.step - Math.max(0, s.checkpointStep);
        EpochCompleted last = s.lastEpoch;
        if (lost > 0 && last != null) {
            s.wastedMillis += lost * deviceMillis(s, last) / s.theDataset().stepsPerEpoch();
            s.step = Math.max(0, s.checkpointStep);
        }
    }

    @Override
    void handOut(TrainingJobState s, Instant now) {
        if (s.state != State.RUNNING || s.out != null) {
            return;
        }
        TrainingJobState.Again again = s.again;
        if (again == null) {
            handOut(s, 1, null, now);
        } else if (!again.notBefore().isAfter(now)) {
            s.again = null;
            handOut(s, again.attempt(), again.failure(), now);
        }
    }

    private void handOut(
            TrainingJobState s, int attempt, @Nullable Failure lastFailure, Instant now) {
        int slice = s.slices++;
        s.out =
                new TrainingJobState.Out(
                        slice, attempt, s.checkpointStep, order.sending(now), null, null);
        changed();
        emit(
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
