package io.pix2pix.api;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TrainingEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What happens, told to whoever listens: each listener gets at most two messages a second, and none
 * before it has taken the last one. Of several statuses of a job in between only the latest is
 * told.
 */
@Singleton
class EventStreams {
    private static final Logger LOG = Logger.getLogger(EventStreams.class);
    private static final int TICK_MS = 500;
    private static final int TICKS_OF_SILENCE = 30;

    /** Events of a training that a listener may fall behind. */
    private static final int MOST_PENDING = 1000;

    private final Coordination coordination;
    private final Jobs jobs;
    private final ApiConfig config;
    private final List<Stream> streams = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "event-streams");
                        thread.setDaemon(true);
                        return thread;
                    });
    private boolean listening;

    EventStreams(Coordination coordination, Jobs jobs, ApiConfig config) {
        this.coordination = coordination;
        this.jobs = jobs;
        this.config = config;
    }

    /** Tells of one job until it has ended, or of all for null. */
    void open(@Nullable String jobId, SseEventSink sink, Sse sse) {
        if (streams.size() >= config.maxEventStreams()) {
            throw ProblemException.unavailable(
                    "TOO_MANY_STREAMS",
                    "%d streams are open (pix2pix.api.max-event-streams)"
                            .formatted(streams.size()));
        }
        listen();
        Stream stream = new Stream(jobId, sink, sse);
        streams.add(stream);
        if (jobId != null) {
            stream.changed(jobId);
        }
    }

    private synchronized void listen() {
        if (!listening) {
            coordination.parts().statuses().listen(this::changed);
            coordination.parts().trainings().listen(this::happened);
            var unused =
                    ticker.scheduleWithFixedDelay(
                            this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
            listening = true;
        }
    }

    private void changed(JobStatus status) {
        streams.forEach(stream -> stream.changed(status.jobId()));
    }

    private void happened(TrainingEvent event) {
        streams.forEach(stream -> stream.happened(event));
    }

    private void tick() {
        for (Stream stream : List.copyOf(streams)) {
            try {
                if (!stream.flush()) {
                    streams.remove(stream);
                    stream.sink.close();
                }
            } catch (RuntimeException e) {
                LOG.debugf(e, "A stream of events ended");
                streams.remove(stream);
            }
        }
    }

    @PreDestroy
    void stop() {
        ticker.shutdownNow();
    }

    private final class Stream {
        private final @Nullable String jobId;
        private final SseEventSink sink;
        private final Sse sse;
        // Guarded by this.
        private final Set<String> changed = new LinkedHashSet<>();
        private final Queue<TrainingEvent> happened = new ArrayDeque<>();
        private boolean begun;
        // Of the ticker's thread only.
        private CompletionStage<?> sending = CompletableFuture.completedFuture(null);
        private int silence;

        Stream(@Nullable String jobId, SseEventSink sink, Sse sse) {
            this.jobId = jobId;
            this.sink = sink;
            this.sse = sse;
        }

        synchronized void changed(String id) {
            if (jobId == null || jobId.equals(id)) {
                changed.add(id);
            }
        }

        synchronized void happened(TrainingEvent event) {
            if (event.jobId().equals(jobId) && happened.size() < MOST_PENDING) {
                happened.add(event);
            }
        }

        /** Sends what is new; false when the stream is over. */
        boolean flush() {
            if (sink.isClosed() || !coordination.isOpen()) {
                return false;
            }
            if (!sending.toCompletableFuture().isDone()) {
                return true;
            }
            if (sending.toCompletableFuture().isCompletedExceptionally()) {
                return false;
            }
            List<OutboundSseEvent> events = new ArrayList<>();
            boolean over = collect(events);
            silence = events.isEmpty() ? silence + 1 : 0;
            if (silence >= TICKS_OF_SILENCE) {
                silence = 0;
                // So that proxies keep the connection and a listener that is gone is noticed.
                events.add(sse.newEventBuilder().comment("still here").build());
            }
            CompletionStage<?> last = CompletableFuture.completedFuture(null);
            for (OutboundSseEvent event : events) {
                last = last.thenCompose(done -> sink.send(event));
            }
            sending = last;
            if (over) {
                var unused = last.whenComplete((done, failure) -> sink.close());
            }
            return true;
        }

        /** Says whether the job has ended. */
        private synchronized boolean collect(List<OutboundSseEvent> events) {
            if (jobId != null && !begun && !happened.isEmpty()) {
                // The job comes first, also where something has happened before the first tick.
                coordination
                        .jobs()
                        .find(jobId)
                        .ifPresent(job -> events.add(event("job", jobs.view(job, false))));
            }
            begun = true;
            for (TrainingEvent event : happened) {
                events.add(event(event.getClass().getSimpleName(), event));
            }
            happened.clear();
            boolean over = false;
            if (!changed.isEmpty()) {
                JobDirectory directory = coordination.jobs();
                List<JobView> views = new ArrayList<>();
                for (String id : changed) {
                    directory.find(id).ifPresent(entry -> views.add(jobs.view(entry, false)));
                }
                changed.clear();
                if (jobId == null) {
                    events.add(event("jobs", new Changes(views)));
                } else {
                    for (JobView view : views) {
                        events.add(event("job", view));
                        over = view.state().isTerminal();
                    }
                }
            }
            return over;
        }

        private OutboundSseEvent event(String name, Object data) {
            return sse.newEventBuilder()
                    .name(name)
                    .mediaType(MediaType.TEXT_PLAIN_TYPE)
                    .data(String.class, Json.writeString(data))
                    .build();
        }
    }

    /** The jobs that have changed, as they are now. */
    public record Changes(List<JobView> jobs) {}
}
