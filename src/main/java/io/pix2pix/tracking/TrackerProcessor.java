package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.Arrival;
import io.pix2pix.event.TaskEvent.CommandReceived;
import io.pix2pix.event.TaskEvent.ImagesArrived;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TaskEvent.TrainingSubmitted;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingEvent.CheckpointPublished;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import io.pix2pix.event.TrainingJob;
import io.pix2pix.event.TranslationTask;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import io.pix2pix.messaging.CloudEvents;
import io.pix2pix.messaging.DeadLetter;
import io.pix2pix.messaging.Delivery;
import io.pix2pix.messaging.Topic;
import io.pix2pix.telemetry.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Joins {@link JobFold} and {@link TrainingFold} to Kafka Streams: events in, stores and topics
 * out.
 */
final class TrackerProcessor implements Processor<String, byte[], String, byte[]> {
    private static final Logger LOG = Logger.getLogger(TrackerProcessor.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration FORGETTING = Duration.ofMinutes(10);

    static final List<Topic> SINKS =
            List.of(
                    Topic.TRANSLATION_JOBS,
                    Topic.TRAINING_JOBS,
                    Topic.TRANSLATION_TASKS,
                    Topic.TRAINING_TASKS,
                    Topic.TRANSLATION_RESULTS,
                    Topic.TRAINING_EVENTS,
                    Topic.REPORT_TASKS,
                    Topic.JOB_STATUS,
                    Topic.DEAD_LETTERS);

    private final TrackingConfig config;
    private final TrackerMetrics metrics;
    private @Nullable ProcessorContext<String, byte[]> context;

    /** The trace of the event that is being taken; null between events. */
    private @Nullable String eventTrace;

    private @Nullable Ledger<JobState> jobs;
    private @Nullable Ledger<TrainingJobState> trainings;
    private @Nullable WaitingCommands waiting;
    private @Nullable Arrivals arrivals;

    TrackerProcessor(TrackingConfig config, TrackerMetrics metrics) {
        this.config = config;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        this.context = context;
        Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        Ledger<JobState> translations =
                new Ledger<>(
                        JobStatus.Kind.TRANSLATION,
                        context.getStateStore(Tracker.STORE),
                        JobState.class,
                        new JobFold(config),
                        now);
        Ledger<TrainingJobState> others =
                new Ledger<>(
                        JobStatus.Kind.TRAINING,
                        context.getStateStore(Tracker.TRAINING_STORE),
                        TrainingJobState.class,
                        new TrainingFold(config),
                        now);
        jobs = translations;
        trainings = others;
        waiting = new WaitingCommands(context.getStateStore(Tracker.COMMAND_STORE));
        arrivals = new Arrivals(context.getStateStore(Tracker.ARRIVAL_STORE));
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        context.schedule(FORGETTING, PunctuationType.WALL_CLOCK_TIME, this::forget);
        LOG.infof(
                "Tracking %d unfinished jobs (partition %s)",
                translations.unfinished() + others.unfinished(), context.taskId());
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
        eventTrace = CloudEvents.text(record.headers(), Traces.HEADER);
        take(event);
        eventTrace = null;
    }

    private void take(TaskEvent event) {
        String jobId = event.jobId();
        Instant now = Instant.ofEpochMilli(theContext().currentSystemTimeMs());
        if (event instanceof ImagesArrived e) {
            arrived(e, now);
            return;
        }
        TrackedJob known = theJobs().find(jobId);
        known = known == null ? theTrainings().find(jobId) : known;
        boolean training =
                known == null ? beginsTraining(event) : known instanceof TrainingJobState;
        Ledger<?> ledger = training ? theTrainings() : theJobs();
        if (known == null && event instanceof CommandReceived e) {
            forward(jobId, theWaiting().keep(e, now));
        } else if (training && event instanceof JobSubmitted e) {
            forward(jobId, List.of(Output.Dead.jobIdTaken(jobId, e.job(), submittedAt(known))));
        } else if (!training && event instanceof TrainingSubmitted e) {
            forward(jobId, List.of(Output.Dead.jobIdTaken(jobId, e.job(), submittedAt(known))));
        } else {
            List<Output> outputs = ledger.take(event, now);
            if (event instanceof JobSubmitted || event instanceof TrainingSubmitted) {
                ledger.nameTrace(jobId, eventTrace);
            }
            forward(jobId, outputs);
            if (known == null && ledger.find(jobId) != null) {
                theWaiting()
                        .take(jobId)
                        .ifPresent(command -> forward(jobId, ledger.take(command, now)));
            }
        }
    }

    /** Images that the job had before, and those of a job that has ended, are no news. */
    private void arrived(ImagesArrived e, Instant now) {
        JobState job = theJobs().find(e.jobId());
        if (job != null && JobFold.wantsImages(job, e.digest())) {
            List<Arrival> news =
                    e.images().stream()
                            .filter(a -> theArrivals().isNews(e.jobId(), a, now))
                            .toList();
            if (!news.isEmpty()) {
                ImagesArrived event = new ImagesArrived(e.jobId(), e.digest(), news);
                forward(e.jobId(), theJobs().take(event, now));
            }
        }
    }

    private static boolean beginsTraining(TaskEvent event) {
        return event instanceof TrainingSubmitted
                || (event instanceof JobRejected e && e.kind() == JobStatus.Kind.TRAINING);
    }

    private static Instant submittedAt(@Nullable TrackedJob known) {
        return known == null ? Instant.EPOCH : known.submittedAt;
    }

    private void tick(long timestamp) {
        Instant now = Instant.ofEpochMilli(timestamp);
        theJobs().tick(now, this::forward);
        theTrainings().tick(now, this::forward);
        theArrivals().forget(theJobs()::isUnfinished, now, now.minus(config.seenRetention()));
        tellMetrics(now);
    }

    private void tellMetrics(Instant now) {
        Object partition = theContext().taskId();
        int window = config.window();
        metrics.tell(partition, JobStatus.Kind.TRANSLATION, theJobs().figures(window, now));
        metrics.tell(partition, JobStatus.Kind.TRAINING, theTrainings().figures(window, now));
    }

    @Override
    public void close() {
        metrics.forget(theContext().taskId());
        if (arrivals != null) {
            arrivals.close();
        }
    }

    private void forget(long timestamp) {
        Instant now = Instant.ofEpochMilli(timestamp);
        Instant before = now.minus(config.retention());
        theJobs().forget(before, this::forward);
        theTrainings().forget(before, this::forward);
        theWaiting().forget(now).forEach(gone -> forward(gone.jobId(), gone));
        theArrivals().beginRound();
    }

    private void forward(String jobId, List<Output> outputs) {
        outputs.forEach(output -> forward(jobId, output));
    }

    private void forward(String jobId, Output output) {
        if (output instanceof Output.Task o) {
            TranslationTask task = o.task();
            String id = jobId + "/" + task.shard() + "/" + task.attempt();
            boolean hasManifest = !task.job().input().follow();
            forward(
                    Topic.TRANSLATION_TASKS,
                    jobId,
                    "TranslationTask",
                    id,
                    hasManifest ? task : task.with(theArrivals().shard(jobId, task.shard())),
                    jobTrace(jobId));
        } else if (output instanceof Output.Arrived o) {
            theArrivals().put(jobId, o.shard(), o.index(), o.entry());
        } else if (output instanceof Output.ShardDone o) {
            theArrivals().drop(jobId, o.shard());
        } else if (output instanceof Output.Result o) {
            String id = jobId + "/" + o.result().shard() + "/" + o.result().index();
            forward(
                    Topic.TRANSLATION_RESULTS,
                    jobId,
                    "TranslationResult",
                    id,
                    o.result(),
                    eventTrace);
        } else if (output instanceof Output.Slice o) {
            String id = jobId + "/" + o.task().slice();
            forward(Topic.TRAINING_TASKS, jobId, "TrainingTask", id, o.task(), jobTrace(jobId));
        } else if (output instanceof Output.Event o) {
            String type = o.event().getClass().getSimpleName();
            forward(Topic.TRAINING_EVENTS, jobId, type, idOf(o.event()), o.event(), eventTrace);
        } else if (output instanceof Output.Report o) {
            forward(
                    Topic.REPORT_TASKS,
                    jobId,
                    "ReportTask",
                    jobId + "/report",
                    o.task(),
                    jobTrace(jobId));
        } else if (output instanceof Output.Status o) {
            String id = jobId + "/" + o.status().updatedAt();
            forward(Topic.JOB_STATUS, jobId, "JobStatus", id, o.status(), null);
        } else if (output instanceof Output.Plan o) {
            boolean training = o.job() instanceof TrainingJob;
            Topic topic = training ? Topic.TRAINING_JOBS : Topic.TRANSLATION_JOBS;
            String type = training ? "TrainingJob" : "TranslationJob";
            Headers headers = headers(type, jobId + "/plan/" + o.attempt());
            CloudEvents.putTrace(headers, jobTrace(jobId));
            CloudEvents.put(headers, Delivery.ATTEMPT, Integer.toString(o.attempt()));
            send(topic, jobId, Json.write(o.job()), headers);
        } else if (output instanceof Output.Gone o) {
            send(Topic.JOB_STATUS, o.jobId(), null, headers("JobStatus", o.jobId() + "/gone"));
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

    private void forward(
            Topic topic, String key, String type, String id, Object value, @Nullable String trace) {
        Headers headers = headers(type, id);
        CloudEvents.putTrace(headers, trace);
        send(topic, key, Json.write(value), headers);
    }

    private @Nullable String jobTrace(String jobId) {
        String trace = theJobs().trace(jobId);
        return trace != null ? trace : theTrainings().trace(jobId);
    }

    private void forwardDead(String key, byte @Nullable [] value, Failure failure) {
        String origin =
                theContext()
                        .recordMetadata()
                        .map(m -> m.topic() + "/" + m.partition() + "/" + m.offset())
                        .orElse("tracker");
        Headers headers = headers("DeadLetter", origin);
        DeadLetter.describe(headers, origin, failure);
        send(Topic.DEAD_LETTERS, key, DeadLetter.value(headers, value), headers);
        DeadLetter.count(failure);
    }

    private Headers headers(String type, String id) {
        Instant now = Instant.ofEpochMilli(theContext().currentSystemTimeMs());
        return CloudEvents.headers(type, id, "/tracker", now);
    }

    private void send(Topic topic, String key, byte @Nullable [] value, Headers headers) {
        Record<String, byte[]> record =
                new Record<>(key, value, theContext().currentSystemTimeMs(), headers);
        theContext().forward(record, topic.name());
    }

    private ProcessorContext<String, byte[]> theContext() {
        return Objects.requireNonNull(context, "used before init");
    }

    private Ledger<JobState> theJobs() {
        return Objects.requireNonNull(jobs, "used before init");
    }

    private Ledger<TrainingJobState> theTrainings() {
        return Objects.requireNonNull(trainings, "used before init");
    }

    private Arrivals theArrivals() {
        return Objects.requireNonNull(arrivals, "used before init");
    }

    private WaitingCommands theWaiting() {
        return Objects.requireNonNull(waiting, "used before init");
    }
}
