package io.pix2pix.messaging;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.FailureException;
import io.pix2pix.failure.Stage;
import io.pix2pix.telemetry.Traces;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes records and waits until every replica has them. Safe for any number of threads.
 *
 * <p>Every method throws a {@link FailureException} (KAFKA_UNAVAILABLE, retriable) when the record
 * could not be written within the producer's {@code delivery.timeout.ms}; MESSAGE_TOO_LARGE when no
 * repetition helps.
 */
public final class Publisher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Publisher.class);

    private final Clients clients;
    private final Clock clock;
    private final String source;
    private final KafkaProducer<String, byte[]> producer;

    /**
     * @param source who writes: the worker's name or {@code cli}
     */
    public Publisher(Clients clients, Clock clock, String source) {
        this.clients = clients;
        this.clock = clock;
        this.source = source;
        this.producer = clients.producer();
        TaskMetrics.expectDeadLetters();
    }

    /** Asks for a translation. */
    public void submit(TranslationJob job) {
        send(Topic.TRANSLATION_JOBS, job.jobId(), "TranslationJob", Json.digest(job), job);
    }

    /** Asks for a training. */
    public void submit(TrainingJob job) {
        send(Topic.TRAINING_JOBS, job.jobId(), "TrainingJob", Json.digest(job), job);
    }

    /** Steers a job. */
    public void command(JobCommand command) {
        send(
                Topic.JOB_COMMANDS,
                command.jobId(),
                "JobCommand",
                command.jobId() + "/" + command.action() + "/" + clock.millis(),
                command);
    }

    /** Tells the tracker. */
    public void event(TaskEvent event) {
        // Equal events have equal ids: a repeated message can be told from a second happening.
        send(
                Topic.TASK_EVENTS,
                event.jobId(),
                event.getClass().getSimpleName(),
                Json.digest(event),
                event);
    }

    /** Tells the tracker how far a task is, without waiting; what is lost is said again soon. */
    public void progress(TaskEvent event) {
        Headers headers =
                CloudEvents.headers(
                        event.getClass().getSimpleName(),
                        Json.digest(event),
                        source,
                        clock.instant());
        var unused =
                producer.send(
                        new ProducerRecord<>(
                                clients.name(Topic.TASK_EVENTS),
                                null,
                                event.jobId(),
                                Json.write(event),
                                headers),
                        (metadata, failure) -> {
                            if (failure != null) {
                                LOG.warnf("Failed to report progress: %s", failure);
                            }
                        });
    }

    /** Puts away a record that could not be read or done, as it was, with the reason. */
    public void deadLetter(ConsumerRecord<String, byte[]> record, Failure failure) {
        deadLetter(
                record.key(),
                record.value(),
                record.topic() + "/" + record.partition() + "/" + record.offset(),
                failure);
    }

    private void deadLetter(
            @Nullable String key, byte @Nullable [] value, String origin, Failure failure) {
        Headers headers = CloudEvents.headers("DeadLetter", origin, source, clock.instant());
        DeadLetter.describe(headers, origin, failure);
        byte[] kept = DeadLetter.value(headers, value);
        await(
                producer.send(
                        new ProducerRecord<>(
                                clients.name(Topic.DEAD_LETTERS), null, key, kept, headers)),
                Topic.DEAD_LETTERS);
    }

    private void send(Topic topic, String key, String type, String id, Object value) {
        Headers headers = CloudEvents.headers(type, id, source, clock.instant());
        Traces.Work work = Traces.current();
        if (work != null) {
            CloudEvents.putTrace(headers, work.context());
        }
        await(
                producer.send(
                        new ProducerRecord<>(
                                clients.name(topic), null, key, Json.write(value), headers)),
                topic);
    }

    private void await(Future<?> sent, Topic topic) {
        try {
            sent.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException) {
                throw new FailureException(
                        Failure.permanent(
                                Stage.TASK,
                                "MESSAGE_TOO_LARGE",
                                "A record for topic %s has more than pix2pix.kafka.max-message-bytes, %d: %s"
                                        .formatted(
                                                clients.name(topic),
                                                clients.config().maxMessageBytes(),
                                                e.getCause().getMessage())),
                        e.getCause());
            }
            throw new FailureException(
                    Failure.retriable(
                            Stage.TASK,
                            "KAFKA_UNAVAILABLE",
                            "Failed to write to topic %s at %s: %s%s"
                                    .formatted(
                                            clients.name(topic),
                                            clients.config().bootstrapServers(),
                                            e.getCause(),
                                            MissingAcl.hint(e.getCause(), "Write"))),
                    e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailureException(
                    Failure.retriable(
                            Stage.TASK, "INTERRUPTED", "Interrupted while writing to " + topic),
                    e);
        }
    }

    @Override
    public void close() {
        // Everything that matters was waited for; a broker that is gone must not hold up the end.
        producer.close(Duration.ofSeconds(5));
    }
}
