package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent.Arrival;
import io.pix2pix.event.TaskEvent.ImagesArrived;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.SubmissionFollower.Submission;
import io.pix2pix.translation.FollowedPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells standing jobs of the new objects that they want. A notification that comes twice is told
 * twice; the tracker, which knows what each job has had, drops the second.
 */
public final class S3EventHandler implements QueueHandler {
    /** How long a job may have no status: planners may be busy. Later it is one long forgotten. */
    private static final Duration UNHEARD_OF = Duration.ofHours(1);

    private final SubmissionFollower submissions;
    private final WorkerContext context;

    public S3EventHandler(SubmissionFollower submissions, WorkerContext context) {
        this.submissions = submissions;
        this.context = context;
    }

    @Override
    public Verdict handle(Delivery delivery) {
        List<S3Notification.Created> created;
        try {
            created = S3Notification.read(delivery.value());
        } catch (IllegalArgumentException e) {
            return Insistence.refuse(
                    delivery,
                    context.publisher(),
                    Failure.permanent(
                            Stage.SUBMIT,
                            "INVALID_S3_EVENT",
                            "Not a storage event: " + e.getMessage()));
        }
        Instant now = context.clock().instant();
        for (Submission standing : submissions.standing()) {
            JobStatus status = context.statuses().status(standing.job().jobId()).orElse(null);
            // One job that cannot be told of it keeps no other from hearing it.
            if (mayFollow(standing, status, now)
                    && tell(delivery, standing, created) == Verdict.RELEASE) {
                return Verdict.RELEASE;
            }
        }
        return Verdict.ACCEPT;
    }

    /**
     * Whether the job may want to hear of new objects. What this process has heard of a job may be
     * older than what its user has, and what is not told is lost; so only a job that is known to
     * have ended is told nothing. Whether it wants it the tracker knows, which drops the rest.
     *
     * @param status the latest that was heard of a job of this name; null: none
     */
    static boolean mayFollow(Submission standing, @Nullable JobStatus status, Instant now) {
        if (status == null || status.state() == State.UNKNOWN) {
            return standing.at().plus(UNHEARD_OF).isAfter(now);
        }
        return status.digest().equals(standing.digest()) && !status.state().wantsNoWork();
    }

    private Verdict tell(
            Delivery delivery, Submission standing, List<S3Notification.Created> created) {
        FollowedPrefix prefix = new FollowedPrefix(standing.translation());
        List<Arrival> images = new ArrayList<>();
        for (S3Notification.Created c : created) {
            prefix.entry(c.uri(), c.etag(), c.size())
                    .ifPresent(entry -> images.add(new Arrival(entry, c.sequencer())));
        }
        if (images.isEmpty()) {
            return Verdict.ACCEPT;
        }
        return Insistence.tell(
                        delivery,
                        context.publisher(),
                        new ImagesArrived(standing.job().jobId(), standing.digest(), images))
                .orElse(Verdict.ACCEPT);
    }
}
