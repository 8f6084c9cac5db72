package io.pix2pix.cli;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.messaging.SubmissionFollower;
import io.pix2pix.messaging.SubmissionFollower.Submission;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Every job, as the topics have it: nobody needs to run for that but Kafka. */
final class KnownJobs implements AutoCloseable {
    private final BlockingQueue<JobStatus> news = new LinkedBlockingQueue<>();
    private final StatusFollower statuses;
    private final SubmissionFollower submissions;

    /**
     * @throws FailureException when Kafka does not answer
     */
    KnownJobs(Clients clients) throws InterruptedException {
        Reachable.require(clients);
        statuses = new StatusFollower(clients).start();
        submissions = new SubmissionFollower(clients).start();
        statuses.listen(news::add);
    }

    /** The newest first. */
    List<JobStatus> all() {
        return statuses.statuses().stream()
                .filter(KnownJobs::isKnown)
                .sorted(
                        Comparator.comparing(JobStatus::submittedAt)
                                .thenComparing(JobStatus::jobId)
                                .reversed())
                .toList();
    }

    /** Empty while no planner has taken the job. */
    Optional<JobStatus> status(String jobId) {
        return statuses.status(jobId).filter(KnownJobs::isKnown);
    }

    /** Not where all that is known is a command for a job that nobody has submitted. */
    private static boolean isKnown(JobStatus status) {
        return status.state() != JobStatus.State.UNKNOWN;
    }

    /** What was asked for; empty where what was submitted is no job. */
    Optional<Job> job(String jobId) {
        Optional<Submission> submission =
                status(jobId).isPresent()
                        ? status(jobId).flatMap(s -> submissions.of(jobId, s.digest()))
                        : submissions.first(jobId);
        return submission.map(Submission::job);
    }

    /**
     * @throws FailureException when nobody ever submitted such a job
     */
    void require(String jobId) {
        if (status(jobId).isEmpty() && job(jobId).isEmpty()) {
            throw failure("NO_SUCH_JOB", "There is no job " + jobId);
        }
    }

    /** Waits until the job's status is so; null when it is not in time. */
    @Nullable JobStatus await(String jobId, Predicate<JobStatus> condition, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<JobStatus> now = status(jobId).filter(condition);
            if (now.isPresent()) {
                return now.get();
            }
            long left = deadline - System.nanoTime();
            // What is heard meanwhile is in the table already: this is only the sign to look.
            if (left <= 0 || news.poll(left, TimeUnit.NANOSECONDS) == null) {
                return null;
            }
        }
    }

    static FailureException failure(String code, String message) {
        return new FailureException(Failure.permanent(Stage.SUBMIT, code, message));
    }

    @Override
    public void close() {
        statuses.close();
        submissions.close();
    }
}
