package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TaskEvent.TrainingSubmitted;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingEvent.CheckpointPublished;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.CloudEvents;
import io.pix2pix.messaging.DeadLetter;
import io.pix2pix.messaging.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Joins {@link JobFold} and {@link TrainingFold} to Kafka Streams: events in, store and topics out.
 */
final class TrackerProcessor implements Processor<String, byte[], String, byte[]> {
    private static final Logger LOG = Logger.getLogger(TrackerProcessor.class);
    private static final Duration TICK = Duration.ofSeconds(1);

    static final List<Topic> SINKS =
            List.of(
                    Topic.TRANSLATION_TASKS,
                    Topic.TRAINING_TASKS,
                    Topic.TRANSLATION_RESULTS,
                    Topic.TRAINING_EVENTS,
                    Topic.REPORT_TASKS,
                    Topic.JOB_STATUS,
                    Topic.DEAD_LETTERS);

    private final JobFold fold;
    private final TrainingFold trainingFold;

    /** Jobs that are not terminal, as objects; the store has them too, and the terminal ones. */
    private final Map<String, JobState> active = new HashMap<>();

    private final Map<String, TrainingJobState> activeTrainings = new HashMap<>();

    private @Nullable ProcessorContext<String, byte[]> context;
    private @Nullable KeyValueStore<String, byte[]> store;
    private @Nullable KeyValueStore<String, byte[]> trainingStore;

    TrackerProcessor(TrackingConfig config) {
        this.fold = new JobFold(config);
        this.trainingFold = new TrainingFold(config);
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        this.context = context;
        KeyValueStore<String, byte[]> jobs = context.getStateStore(Tracker.STORE);
        KeyValueStore<String, byte[]> trainings = context.getStateStore(Tracker.TRAINING_STORE);
        this.store = jobs;
        this.trainingStore = trainings;
        active.clear();
        activeTrainings.clear();
        Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        forEach(
                jobs,
                value -> {
                    JobState state = Json.read(value, JobState.class);
                    if (!state.state.isTerminal()) {
                        state.heardNow(now);
                        active.put(state.jobId, state);
                    }
                });
        forEach(
                trainings,
                value -> {
                    TrainingJobState state = Json.read(value, TrainingJobState.class);
                    if (!state.state.isTerminal()) {
                        state.heardNow(now);
                        activeTrainings.put(state.jobId, state);
                    }
                });
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        LOG.infof(
                "Tracking %d unfinished jobs (partition %s)",
                active.size() + activeTrainings.size(), context.taskId());
    }

    private static void forEach(KeyValueStore<String, byte[]> store, Consumer<byte[]> action) {
        try (KeyValueIterator<String, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                action.accept(entry.value);
            }
        }
    }

    @Override
    public void process(Record<String, byte[]> record) {
        TaskEvent event;
        try {
            event = Json.read(record.value(), TaskEvent.class);
        } catch (IllegalArgumentException e) {
            Failure failure =
                    Failure.permanent(
                            Stage.TASK, "UNREADABLE_EVENT", String.valueOf(e.getMessage()));
            forwardDead(record.key(), record.value(), failure);
            return;
        }
        String jobId = event.jobId();
        Instant now = Instant.ofEpochMilli(theContext().currentSystemTimeMs());
        JobState translation = load(jobId);
        TrainingJobState training = translation == null ? loadTraining(jobId) : null;
        if (translation != null && event instanceof TrainingSubmitted e) {
            forward(jobId, Output.Dead.jobIdTaken(jobId, e.job(), translation.submittedAt));
        } else if (training != null && event instanceof JobSubmitted e) {
            forward(jobId, Output.Dead.jobIdTaken(jobId, e.job(), training.submittedAt));
        } else if (training != null) {
            write(trainingFold.apply(training, event, now));
        } else if (event instanceof TrainingSubmitted e) {
            write(trainingFold.apply(TrainingFold.begin(e), e, now));
        } else if (translation == null
                && event instanceof JobRejected e
                && e.kind() == JobStatus.Kind.TRAINING) {
            write(trainingFold.apply(TrainingFold.begin(e, now), e, now));
        } else {
            write(jobId, fold.apply(translation, event, now));
        }
    }

    private void tick(long timestamp) {
        Instant now = Instant.ofEpochMilli(timestamp);
        for (JobState state : List.copyOf(active.values())) {
            write(state.jobId, fold.tick(state, now));
        }
        for (TrainingJobState state : List.copyOf(activeTrainings.values())) {
            write(trainingFold.tick(state, now));
        }
    }

    private @Nullable JobState load(String jobId) {
        JobState state = active.get(jobId);
        if (state != null) {
            return state;
        }
        byte[] stored = theStore().get(jobId);
        return stored == null ? null : Json.read(stored, JobState.class);
    }

    private @Nullable TrainingJobState loadTraining(String jobId) {
        TrainingJobState state = activeTrainings.get(jobId);
        if (state != null) {
            return state;
        }
        byte[] stored = theTrainingStore().get(jobId);
        return stored == null ? null : Json.read(stored, TrainingJobState.class);
    }

    private void write(TrainingFold.Step step) {
        TrainingJobState state = step.state();
        if (step.changed()) {
            theTrainingStore().put(state.jobId, Json.write(state));
            if (state.state.isTerminal()) {
                activeTrainings.remove(state.jobId);
            } else {
                activeTrainings.put(state.jobId, state);
            }
        }
        for (Output output : step.outputs()) {
            forward(state.jobId, output);
        }
    }

    private void write(String jobId, JobFold.Step step) {
        JobState state = step.state();
        if (state != null && step.changed()) {
            theStore().put(jobId, Json.write(state));
            if (state.state.isTerminal()) {
                active.remove(jobId);
            } else {
                active.put(jobId, state);
            }
        }
        for (Output output : step.outputs()) {
            forward(jobId, output);
        }
    }

    private void forward(String jobId, Output output) {
        if (output instanceof Output.Task o) {
            String id = jobId + "/" + o.task().shard() + "/" + o.task().attempt();
            forward(Topic.TRANSLATION_TASKS, jobId, "TranslationTask", id, o.task());
        } else if (output instanceof Output.Result o) {
            String id = jobId + "/" + o.result().shard() + "/" + o.result().index();
            forward(Topic.TRANSLATION_RESULTS, jobId, "TranslationResult", id, o.result());
        } else if (output instanceof Output.Slice o) {
            String id = jobId + "/" + o.task().slice();
            forward(Topic.TRAINING_TASKS, jobId, "TrainingTask", id, o.task());
        } else if (output instanceof Output.Event o) {
            String type = o.event().getClass().getSimpleName();
            forward(Topic.TRAINING_EVENTS, jobId, type, idOf(o.event()), o.event());
        } else if (output instanceof Output.Report o) {
            forward(Topic.REPORT_TASKS, jobId, "ReportTask", jobId + "/report", o.task());
        } else if (output instanceof Output.Status o) {
            String id = jobId + "/" + o.status().updatedAt();
            forward(Topic.JOB_STATUS, jobId, "JobStatus", id, o.status());
        } else if (output instanceof Output.Dead o) {
            forwardDead(jobId, Json.write(o.what()), o.failure());
        }
    }

    /** Of the happening, not of the message: a repeated epoch has the same. */
    private static String idOf(TrainingEvent event) {
        if (event instanceof EpochCompleted e) {
            return e.jobId() + "/epoch/" + e.epoch();
        } else if (event instanceof CheckpointPublished e) {
            return e.jobId() + "/checkpoint/" + e.step();
        }
        return event.jobId() + "/completed";
    }

    private void forward(Topic topic, String key, String type, String id, Object value) {
        send(topic, key, Json.write(value), headers(type, id));
    }

    private void forwardDead(String key, byte[] value, Failure failure) {
        String origin =
                theContext()
                        .recordMetadata()
                        .map(m -> m.topic() + "/" + m.partition() + "/" + m.offset())
                        .orElse("tracker");
        Headers headers = headers("DeadLetter", origin);
        DeadLetter.describe(headers, origin, failure);
        send(Topic.DEAD_LETTERS, key, value, headers);
    }

    private Headers headers(String type, String id) {
        Instant now = Instant.ofEpochMilli(theContext().currentSystemTimeMs());
        return CloudEvents.headers(type, id, "/tracker", now);
    }

    private void send(Topic topic, String key, byte[] value, Headers headers) {
        Record<String, byte[]> record =
                new Record<>(key, value, theContext().currentSystemTimeMs(), headers);
        theContext().forward(record, topic.name());
    }

    private ProcessorContext<String, byte[]> theContext() {
        if (context == null) {
            throw new IllegalStateException("Used before init");
        }
        return context;
    }

    private KeyValueStore<String, byte[]> theStore() {
        if (store == null) {
            throw new IllegalStateException("Used before init");
        }
        return store;
    }

    private KeyValueStore<String, byte[]> theTrainingStore() {
        if (trainingStore == null) {
            throw new IllegalStateException("Used before init");
        }
        return trainingStore;
    }
}
