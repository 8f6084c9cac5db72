package io.pix2pix.tracking;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.failure.Failure;
import io.pix2pix.failure.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * All jobs of one kind in one partition: each in the store, the unfinished ones as objects, too.
 *
 * @param <S> what is known of a job
 */
final class Ledger<S extends TrackedJob> {
    private static final Logger LOG = Logger.getLogger(Ledger.class);

    private final KeyValueStore<String, byte[]> store;
    private final Class<S> type;
    private final Fold<S> fold;
    private final JobStatus.Kind kind;
    private final Map<String, S> active = new HashMap<>();

    /** Reads the unfinished jobs from the store. */
    Ledger(
            JobStatus.Kind kind,
            KeyValueStore<String, byte[]> store,
            Class<S> type,
            Fold<S> fold,
            Instant now) {
        this.kind = kind;
        this.store = store;
        this.type = type;
        this.fold = fold;
        forEach(
                state -> {
                    if (!state.state.isTerminal()) {
                        state.heardNow(now);
                        active.put(state.jobId, state);
                    }
                });
    }

    int unfinished() {
        return active.size();
    }

    boolean isUnfinished(String jobId) {
        return active.containsKey(jobId);
    }

    /** How the unfinished jobs are. */
    TrackerMetrics.Figures figures(int window, Instant now) {
        return TrackerMetrics.Figures.of(active.values(), window, now);
    }

    @Nullable S find(String jobId) {
        S state = active.get(jobId);
        return state != null ? state : stored(jobId);
    }

    /** Takes an event; says what is to be sent. */
    List<Output> take(TaskEvent event, Instant now) {
        try {
            S before = find(event.jobId());
            boolean open = before == null || !before.state.isTerminal();
            return write(fold.apply(before, event, now), open);
        } catch (RuntimeException e) {
            // One job's event must not stop the others; what it changed half-way is forgotten.
            LOG.errorf(e, "Job %s: cannot take %s", event.jobId(), event);
            reload(event.jobId());
            return List.of(
                    new Output.Dead(
                            event.jobId(),
                            event,
                            Failure.permanent(Stage.TASK, "UNEXPECTED", "Unexpected: " + e)));
        }
    }

    /** Lets time pass for every unfinished job. */
    void tick(Instant now, BiConsumer<String, List<Output>> sink) {
        for (S state : List.copyOf(active.values())) {
            List<Output> outputs;
            try {
                outputs = write(fold.tick(state, now), true);
            } catch (RuntimeException e) {
                LOG.errorf(e, "Job %s: cannot go on", state.jobId);
                reload(state.jobId);
                outputs = List.of();
            }
            sink.accept(state.jobId, outputs);
        }
    }

    /** Forgets the jobs that ended before. */
    void forget(Instant before, BiConsumer<String, List<Output>> sink) {
        List<String> old = new ArrayList<>();
        forEach(
                state -> {
                    if (state.finishedAt != null && state.finishedAt.isBefore(before)) {
                        old.add(state.jobId);
                    }
                });
        for (String jobId : old) {
            store.delete(jobId);
            sink.accept(jobId, List.of(new Output.Gone(jobId)));
        }
    }

    /** The trace that a job belongs to; null when it is not known. */
    @Nullable String trace(String jobId) {
        S state = find(jobId);
        return state == null ? null : state.trace;
    }

    /** Says which trace an unfinished job belongs to; the first to say so counts. */
    void nameTrace(String jobId, @Nullable String trace) {
        S state = active.get(jobId);
        if (state != null && state.trace == null && trace != null) {
            state.trace = trace;
            store.put(jobId, Json.write(state));
        }
    }

    /**
     * @param open whether the job had not ended before
     */
    private List<Output> write(Fold.Step<S> step, boolean open) {
        S state = step.state();
        if (state != null && step.changed()) {
            store.put(state.jobId, Json.write(state));
            if (state.state.isTerminal()) {
                active.remove(state.jobId);
                if (open) {
                    TrackerMetrics.jobEnded(kind, state.state);
                }
            } else {
                active.put(state.jobId, state);
            }
        }
        return step.outputs();
    }

    private void reload(String jobId) {
        active.remove(jobId);
        S state = stored(jobId);
        if (state != null && !state.state.isTerminal()) {
            active.put(jobId, state);
        }
    }

    private @Nullable S stored(String jobId) {
        byte[] value = store.get(jobId);
        return value == null ? null : Json.read(value, type);
    }

    private void forEach(Consumer<S> action) {
        try (KeyValueIterator<String, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                action.accept(Json.read(entry.value, type));
            }
        }
    }
}
