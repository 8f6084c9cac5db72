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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
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
        String origin = Delivery.where(record);
        Headers headers = CloudEvents.headers("DeadLetter", origin, source, clock.instant());
        DeadLetter.describe(headers, origin, failure);
        byte[] kept = DeadLetter.value(headers, record.value());
        write(Topic.DEAD_LETTERS, record.key(), kept, headers);
        DeadLetter.count(failure);
    }

    private void send(Topic topic, String key, String type, String id, Object value) {
        Headers headers = CloudEvents.headers(type, id, source, clock.instant());
        Traces.Work work = Traces.current();
        if (work != null) {
            CloudEvents.putTrace(headers, work.context());
        }
        write(topic, key, Json.write(value), headers);
    }

    private void write(
            Topic topic, @Nullable String key, byte @Nullable [] value, Headers headers) {
        try {
            producer.send(new ProducerRecord<>(clients.name(topic), null, key, value, headers))
                    .get();
        } catch (ExecutionException e) {
            throw failed(topic, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(topic, e);
        } catch (InterruptException e) {
            // Thrown by send() itself, which has set the thread's flag again.
            throw interrupted(topic, e);
        } catch (KafkaException e) {
            // By send() itself, too: the producer is of no use at the moment, or ever.
            throw failed(topic, e);
        }
    }

    private FailureException failed(Topic topic, @Nullable Throwable cause) {
        if (cause instanceof RecordTooLargeException) {
            return new FailureException(
                    Failure.permanent(
                            Stage.TASK,
                            "MESSAGE_TOO_LARGE",
                            "A record for topic %s has more than pix2pix.kafka.max-message-bytes, %d: %s"
                                    .formatted(
                                            clients.name(topic),
                                            clients.config().maxMessageBytes(),
                                            cause.getMessage())),
                    cause);
        }
        return new FailureException(
                Failure.retriable(
                        Stage.TASK,
                        "KAFKA_UNAVAILABLE",
                        "Failed to write to topic %s at %s: %s%s"
                                .formatted(
                                        clients.name(topic),
                                        clients.config().bootstrapServers(),
                                        cause,
                                        MissingAcl.hint(cause, "Write"))),
                cause);
    }

    private static FailureException interrupted(Topic topic, Exception e) {
        return new FailureException(
                Failure.retriable(
                        Stage.TASK, "INTERRUPTED", "Interrupted while writing to " + topic),
                e);
    }

    @Override
    public void close() {
        // Everything that matters was waited for; a broker that is gone must not hold up the end.
        producer.close(Duration.ofSeconds(5));
    }
}
