package io.pix2pix.cli;

import io.pix2pix.event.JobStatus;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.StatusFollower;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows one job until it ends. */
final class JobWatch implements AutoCloseable {
    private static final long PATIENCE_S = 10;

    private final String jobId;
    private final BlockingQueue<JobStatus> news = new LinkedBlockingQueue<>();
    private final StatusFollower statuses;

    JobWatch(Clients clients, String jobId) throws InterruptedException {
        this.jobId = jobId;
        this.statuses =
                new StatusFollower(
                                clients,
                                status -> {
                                    if (status.jobId().equals(jobId)) {
                                        news.add(status);
                                    }
                                })
                        .start();
    }

    /**
     * Tells every status, in order, until the job is in a terminal state, which is returned.
     *
     * @param onSilence called once when nothing is heard of the job for a while
     */
    JobStatus await(Consumer<JobStatus> progress, Runnable onSilence) throws InterruptedException {
        @Nullable JobStatus last = null;
        boolean warned = false;
        while (true) {
            JobStatus status = news.poll(PATIENCE_S, TimeUnit.SECONDS);
            if (status == null) {
                if (last == null && !warned) {
                    warned = true;
                    onSilence.run();
                }
                continue;
            }
            last = status;
            progress.accept(status);
            if (status.state().isTerminal()) {
                return status;
            }
        }
    }

    String jobId() {
        return jobId;
    }

    @Override
    public void close() {
        statuses.close();
    }
}
