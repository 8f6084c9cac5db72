package io.pix2pix.messaging;

import io.pix2pix.event.Job;
import io.pix2pix.event.JobStatus.Kind;
import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * What users asked for: every job of {@code translation-jobs} and {@code training-jobs}, which keep
 * their records for good. Read from any thread; one thread of its own fills it.
 */
public final class SubmissionFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SubmissionFollower.class);

    /** More than one content under a name is a mistake; that many are told apart. */
    private static final int CONTENTS = 8;

    private final Map<String, List<Submission>> submissions = new ConcurrentHashMap<>();

    /** By digest. */
    private final Map<String, Submission> standing = new ConcurrentHashMap<>();

    private final TopicFollower follower;

    /**
     * A job as it was first written.
     *
     * @param digest of its content, as in its status
     * @param at when it was written
     */
    public record Submission(Job job, Kind kind, String digest, Instant at) {
        private boolean isStanding() {
            return job instanceof TranslationJob t && t.input().follow();
        }

        /** The job of a kind that is known. */
        TranslationJob translation() {
            return (TranslationJob) job;
        }
    }

    public SubmissionFollower(Clients clients) {
        follower =
                new TopicFollower(
                        clients,
                        "submission-follower",
                        List.of(Topic.TRANSLATION_JOBS, Topic.TRAINING_JOBS),
                        this::read);
    }

    /** Starts following; returns when everything written so far is read. */
    public SubmissionFollower start() throws InterruptedException {
        follower.start();
        return this;
    }

    /** The first submission under this name. */
    public Optional<Submission> first(String jobId) {
        return submissions.getOrDefault(jobId, List.of()).stream().findFirst();
    }

    /** The submission under this name whose content a status speaks of. */
    public Optional<Submission> of(String jobId, String digest) {
        return submissions.getOrDefault(jobId, List.of()).stream()
                .filter(s -> s.digest().equals(digest))
                .findFirst();
    }

    /** The first submission under each name. */
    public List<Submission> all() {
        return submissions.values().stream().map(s -> s.get(0)).toList();
    }

    /** Every submission of a standing job, whatever became of it. */
    List<Submission> standing() {
        return List.copyOf(standing.values());
    }

    @Override
    public void close() {
        follower.close();
    }

    private void read(ConsumerRecord<String, byte[]> record) {
        boolean training = record.topic().endsWith(Topic.TRAINING_JOBS.named(""));
        try {
            byte[] value = record.value() == null ? new byte[0] : record.value();
            Job job =
                    training
                            ? Schema.TRAINING_JOB.read(value, TrainingJob.class)
                            : Schema.TRANSLATION_JOB.read(value, TranslationJob.class);
            add(
                    new Submission(
                            job,
                            training ? Kind.TRAINING : Kind.TRANSLATION,
                            Json.digest(job),
                            Instant.ofEpochMilli(record.timestamp())));
        } catch (IllegalArgumentException e) {
            // The planner puts it into the dead letters, with what is wrong.
            LOG.debugf("No job: %s", e.getMessage());
        }
    }

    private void add(Submission one) {
        if (one.isStanding()) {
            standing.putIfAbsent(one.digest(), one);
        }
        submissions.merge(
                one.job().jobId(),
                List.of(one),
                (known, more) -> {
                    boolean again = known.stream().anyMatch(s -> s.digest().equals(one.digest()));
                    if (again || known.size() >= CONTENTS) {
                        return known;
                    }
                    return Stream.concat(known.stream(), more.stream()).toList();
                });
    }
}
