package io.pix2pix.tracking;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.LastCommand;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.failure.Failure;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the tracker knows of a job of either kind. Held as JSON in the tracker's store. */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
@JsonIgnoreProperties(ignoreUnknown = true)
abstract class TrackedJob {
    String jobId = "";
    String digest = "";
    State state = State.PLANNING;
    @Nullable LastCommand lastCommand;

    /** The context of the job's trace (W3C traceparent); null when it is not known. */
    @Nullable String trace;

    /** The planning of the job; of no meaning once it is planned. */
    Errand plan = new Errand(1, null, Instant.EPOCH, null);

    int attemptsFailed;
    long deviceMillis;
    long wastedMillis;
    @Nullable Failure failure;
    Instant submittedAt = Instant.EPOCH;
    @Nullable Instant startedAt;

    /** Later with each change, whatever the clock says. */
    Instant updatedAt = Instant.EPOCH;

    @Nullable Instant finishedAt;

    /**
     * Something that is done for the job as a whole: waits to be sent, or lies in a queue, or is
     * being worked on.
     *
     * @param attempt the attempt that it is or will be
     * @param notBefore when to send it; null when it is sent
     * @param seenAt when a worker was last heard of; null while none has started
     */
    record Errand(
            int attempt, @Nullable Instant notBefore, Instant sentAt, @Nullable Instant seenAt) {
        static Errand later(int attempt, Instant notBefore) {
            return new Errand(attempt, notBefore, notBefore, null);
        }

        Errand seen(int by, Instant now) {
            return new Errand(Math.max(attempt, by), null, sentAt, now);
        }

        Errand sent(Instant now) {
            return new Errand(attempt, null, now, null);
        }

        /** While no tracker listened, silence meant nothing. */
        Errand heardNow(Instant now) {
            return notBefore != null
                    ? this
                    : new Errand(attempt, null, now, seenAt == null ? null : now);
        }
    }

    /** While no tracker listened, silence meant nothing. */
    void heardNow(Instant now) {
        plan = plan.heardNow(now);
    }

    abstract Job theJob();

    /** Whether planning came to its end. */
    abstract boolean isPlanned();

    /** The state of a job that goes on after a pause. */
    abstract State resumed();

    /** Forgets what an ended job has no use for. */
    abstract void end();

    abstract JobStatus status();

    abstract Tally tally();
}
