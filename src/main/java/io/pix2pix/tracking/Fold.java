package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus.LastCommand;
import io.pix2pix.event.JobStatus.Outcome;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.CommandReceived;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TaskEvent.PlanFailed;
import io.pix2pix.event.TaskEvent.PlanProgress;
import io.pix2pix.event.TaskEvent.PlanReturned;
import io.pix2pix.event.TaskEvent.TrainingSubmitted;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.tracking.TrackedJob.Errand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds one job's events into its state and says what follows from them: what is the same for both
 * kinds of job. Plain logic: no Kafka, no clock of its own. What was seen before changes nothing,
 * so repeated messages are harmless.
 *
 * @param <S> the state
 */
abstract class Fold<S extends TrackedJob> {
    /**
     * Attempts that ended without a word, after which the job ends: workers give up a task much
     * earlier, so here even giving it up kills them.
     */
    static final int MAX_SILENT_ATTEMPTS = 20;

    /**
     * What is done for a job as a whole waits as if so many attempts had been before: so the job
     * outlives an outage of a minute or more.
     */
    private static final int PATIENCE = 4;

    final TrackingConfig config;

    /** Of the queue of this kind's tasks. */
    final QueueOrder order;

    private final List<Output> outputs = new ArrayList<>();
    private boolean changed;

    Fold(TrackingConfig config) {
        this.config = config;
        this.order = new QueueOrder(config.lostAfter());
    }

    /**
     * What became of an event.
     *
     * @param state the job's state now; null when the event was about no known job
     * @param changed whether the state differs from before and must be stored
     */
    record Step<S>(@Nullable S state, boolean changed, List<Output> outputs) {}

    /** The state of a job that begins with this event; null when none does. */
    abstract @Nullable S begin(TaskEvent event);

    /** Takes an event that is neither a submission nor a command, nor about planning. */
    abstract void fold(S s, TaskEvent event, Instant now);

    /** Looks for what got lost. */
    abstract void watch(S s, Instant now);

    /** Keeps the job's tasks in the queue. */
    abstract void handOut(S s, Instant now);

    /** Begins to end the job for its user. */
    abstract void cancel(S s, Instant now);

    /** Takes one event. {@code state} is changed in place. */
    final Step<S> apply(@Nullable S state, TaskEvent event, Instant now) {
        outputs.clear();
        changed = false;
        S s = state == null ? begin(event) : state;
        if (s == null) {
            return new Step<>(null, false, List.of(Output.Dead.noSuchJob(event)));
        }
        if (state == null) {
            s.submittedAt = event instanceof JobRejected ? now : s.submittedAt;
            s.plan = s.plan.sent(now).seen(1, now);
            changed = true;
        }
        take(s, event, now);
        return finish(s, now);
    }

    /** Hands out what waited long enough and what got lost; called about every second. */
    final Step<S> tick(S state, Instant now) {
        outputs.clear();
        changed = false;
        if (!state.state.isTerminal()) {
            if (!state.isPlanned() && state.state != State.CANCELLING) {
                watchPlan(state, now);
            }
            watch(state, now);
        }
        return finish(state, now);
    }

    private void take(S s, TaskEvent event, Instant now) {
        if (event instanceof CommandReceived e) {
            command(s, e, now);
        } else if (event instanceof JobSubmitted e) {
            submittedAgain(s, e.digest(), e.job(), now);
        } else if (event instanceof TrainingSubmitted e) {
            submittedAgain(s, e.digest(), e.job(), now);
        } else if (s.state.isTerminal()) {
            return;
        } else if (event instanceof PlanProgress e) {
            if (isPlanning(s, e.digest())) {
                s.plan = s.plan.seen(e.attempt(), now);
                changed();
            }
        } else if (event instanceof PlanReturned e) {
            if (isPlanning(s, e.digest()) && s.plan.notBefore() == null) {
                s.plan = Errand.later(e.attempt(), now);
                changed();
            }
        } else if (event instanceof PlanFailed e) {
            if (isPlanning(s, e.digest()) && s.plan.notBefore() == null) {
                int attempt = e.attempt() + 1;
                s.plan = Errand.later(attempt, patiently(attempt, now));
                s.attemptsFailed++;
                changed();
            }
        } else if (event instanceof JobRejected e) {
            if (s.digest.equals(e.digest()) && s.state != State.CANCELLING) {
                fail(s, e.failure());
            }
        } else {
            fold(s, event, now);
        }
    }

    private static boolean isPlanning(TrackedJob s, String digest) {
        return s.digest.equals(digest) && !s.isPlanned() && s.state != State.CANCELLING;
    }

    /** Also where the job has just begun with it, which is no news then. */
    private void submittedAgain(S s, String digest, Object job, Instant now) {
        if (!s.digest.equals(digest)) {
            emit(Output.Dead.jobIdTaken(s.jobId, job, s.submittedAt));
        } else if (!s.state.isTerminal() && isPlanning(s, digest)) {
            s.plan = s.plan.seen(1, now);
            changed();
        }
    }

    private void command(S s, CommandReceived e, Instant now) {
        if (Steering.isOvertaken(s.lastCommand, e.action(), e.at())) {
            return;
        }
        Outcome outcome = Steering.outcome(s.state, e.action());
        String message = Steering.message(s.state, e.action());
        s.lastCommand = new LastCommand(e.action(), e.at(), outcome, message);
        changed();
        if (outcome == Outcome.APPLIED) {
            switch (e.action()) {
                case CANCEL -> cancel(s, now);
                case PAUSE -> s.state = State.PAUSED;
                case RESUME -> s.state = s.resumed();
            }
        }
    }

    private void watchPlan(S s, Instant now) {
        Errand plan = s.plan;
        Errand next = plan;
        if (plan.notBefore() == null && isSilent(plan.seenAt(), now)) {
            next = Errand.later(plan.attempt() + 1, now);
            s.attemptsFailed++;
        } else if (plan.notBefore() == null && isForgotten(plan.sentAt(), plan.seenAt(), now)) {
            next = Errand.later(plan.attempt(), now);
        }
        if (next.attempt() > MAX_SILENT_ATTEMPTS) {
            fail(s, givenUp("Planning", next.attempt() - 1));
        } else if (next.notBefore() != null && !next.notBefore().isAfter(now)) {
            s.plan = next.sent(now);
            changed();
            emit(new Output.Plan(s.theJob(), next.attempt()));
        }
    }

    /** When to try for this time what a job depends on. */
    final Instant patiently(int attempt, Instant now) {
        return now.plus(config.backoffBefore(attempt + PATIENCE));
    }

    /** Whether a worker that was heard of is silent for too long. */
    final boolean isSilent(@Nullable Instant seenAt, Instant now) {
        return seenAt != null && seenAt.isBefore(now.minus(config.lostAfter()));
    }

    /** Whether something that nobody has started was sent so long ago that it is sent again. */
    final boolean isForgotten(Instant sentAt, @Nullable Instant seenAt, Instant now) {
        Instant longAgo = now.minus(config.forgottenAfter());
        return seenAt == null && sentAt.isBefore(longAgo) && !order.isComing(sentAt, longAgo);
    }

    static Failure givenUp(String what, int attempts) {
        return Failure.permanent(
                Stage.TASK,
                "ATTEMPTS_EXHAUSTED",
                "%s was given up after %d attempts, in each of which the worker died or was not heard of again"
                        .formatted(what, attempts));
    }

    final void fail(S s, Failure failure) {
        s.failure = failure;
        s.state = State.FAILED;
        changed();
    }

    private Step<S> finish(S s, Instant now) {
        if (!s.state.isTerminal()) {
            handOut(s, now);
        }
        if (changed) {
            s.updatedAt = now.isAfter(s.updatedAt) ? now : s.updatedAt.plusNanos(1);
            if (s.state.isTerminal()) {
                s.finishedAt = s.finishedAt == null ? now : s.finishedAt;
                s.end();
            }
            emit(new Output.Status(s.status()));
        }
        return new Step<>(s, changed, List.copyOf(outputs));
    }

    final void changed() {
        changed = true;
    }

    final void emit(Output output) {
        outputs.add(output);
    }
}
