package io.pix2pix.bench;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.local.LocalStack;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.StatusFollower;
import io.pix2pix.worker.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A user of the system: submits a job and waits for its end. */
final class JobClient implements AutoCloseable {
    private final Publisher publisher;
    private final BlockingQueue<JobStatus> statuses = new LinkedBlockingQueue<>();
    private final StatusFollower follower;

    JobClient(Settings settings) throws InterruptedException {
        Clients clients = new Clients(settings.messaging());
        publisher = new Publisher(clients, Clock.systemUTC(), "bench");
        follower = new StatusFollower(clients, statuses::add).start();
    }

    /** What makes a worker or a client use these servers, and files below the folder only. */
    static Settings settings(LocalStack stack, Path folder, Map<String, String> more) {
        Map<String, String> s = new HashMap<>(values(stack, folder));
        s.putAll(more);
        return new Settings(s);
    }

    /** As properties. */
    static Map<String, String> values(LocalStack stack, Path folder) {
        Map<String, String> s = new HashMap<>();
        s.put("pix2pix.kafka.bootstrap-servers", stack.bootstrapServers());
        s.put("pix2pix.storage.endpoint", stack.s3Endpoint().toString());
        s.put("pix2pix.storage.access-key", stack.storage().accessKey().orElse(""));
        s.put("pix2pix.storage.secret-key", stack.storage().secretKey().orElse(""));
        s.put("pix2pix.tracking.directory", folder.resolve("tracker").toString());
        s.put("pix2pix.translation.model-cache.directory", folder.resolve("models").toString());
        s.put("pix2pix.dataset.cache-directory", folder.resolve("pairs").toString());
        s.put("pix2pix.training.scratch", folder.resolve("scratch").toString());
        return s;
    }

    /** Every status of the job, the last one that of its success. */
    List<JobStatus> run(Job job) throws InterruptedException {
        if (job instanceof TranslationJob translation) {
            publisher.submit(translation);
        } else if (job instanceof TrainingJob training) {
            publisher.submit(training);
        }
        List<JobStatus> all = new ArrayList<>();
        JobStatus last;
        do {
            last = statuses.take();
            if (last.jobId().equals(job.jobId())) {
                all.add(last);
            }
        } while (!last.jobId().equals(job.jobId()) || !last.state().isTerminal());
        if (last.state() != JobStatus.State.SUCCEEDED) {
            throw new IllegalStateException(job.jobId() + ": " + last.message());
        }
        return all;
    }

    @Override
    public void close() {
        follower.close();
        publisher.close();
    }
}
