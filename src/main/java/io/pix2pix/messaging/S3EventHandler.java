package io.pix2pix.messaging;

import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent.Arrival;
import io.pix2pix.event.TaskEvent.ImagesArrived;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.SubmissionFollower.Submission;
import io.pix2pix.translation.FollowedPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Tells standing jobs of the new objects that they want. A notification that comes twice is told
 * twice; the tracker, which knows what each job has had, drops the second.
 */
public final class S3EventHandler implements QueueHandler {
    private static final Logger LOG = Logger.getLogger(S3EventHandler.class);

    private final SubmissionFollower submissions;
    private final StatusFollower statuses;
    private final Publisher publisher;

    public S3EventHandler(
            SubmissionFollower submissions, StatusFollower statuses, Publisher publisher) {
        this.submissions = submissions;
        this.statuses = statuses;
        this.publisher = publisher;
    }

    @Override
    public Verdict handle(Delivery delivery) {
        List<S3Notification.Created> created;
        try {
            created = S3Notification.read(delivery.value());
        } catch (IllegalArgumentException e) {
            delivery.ends(TaskOutcome.DROPPED);
            LOG.warnf("Put a storage event into dead-letters: %s", e.getMessage());
            publisher.deadLetter(
                    delivery.record(),
                    Failure.permanent(
                            Stage.SUBMIT,
                            "INVALID_S3_EVENT",
                            "Not a storage event: " + e.getMessage()));
            return Verdict.ACCEPT;
        }
        for (Submission standing : submissions.standing()) {
            if (isFollowing(standing)) {
                tell(standing, created);
            }
        }
        return Verdict.ACCEPT;
    }

    private boolean isFollowing(Submission standing) {
        return statuses.status(standing.job().jobId())
                .filter(s -> s.digest().equals(standing.digest()))
                .filter(s -> s.state() == State.RUNNING || s.state() == State.PAUSED)
                .isPresent();
    }

    private void tell(Submission standing, List<S3Notification.Created> created) {
        FollowedPrefix prefix = new FollowedPrefix(standing.translation());
        List<Arrival> images = new ArrayList<>();
        for (S3Notification.Created c : created) {
            prefix.entry(c.uri(), c.etag(), c.size())
                    .ifPresent(entry -> images.add(new Arrival(entry, c.sequencer())));
        }
        if (!images.isEmpty()) {
            publisher.event(new ImagesArrived(standing.job().jobId(), standing.digest(), images));
        }
    }
}
