package io.pix2pix.messaging;

import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TrainingEvent;
import io.pix2pix.event.TrainingEvent.EpochCompleted;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/**
 * How trainings went: the finished epochs of each job, as far as {@code training-events} still has
 * them. Bounded: the jobs that were silent longest are forgotten first. Read from any thread; one
 * thread of its own fills it.
 */
public final class TrainingEventFollower implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TrainingEventFollower.class);

    /** About 80 MB. */
    private static final int MAX_EPOCHS = 200_000;

    private final int maxEpochs;
    private final List<Consumer<TrainingEvent>> listeners = new CopyOnWriteArrayList<>();
    // Guarded by itself; in the order in which jobs were last heard of.
    private final LinkedHashMap<String, List<EpochCompleted>> epochs =
            new LinkedHashMap<>(16, 0.75f, true);
    private int held;
    private final TopicFollower follower;

    public TrainingEventFollower(Clients clients) {
        this(clients, MAX_EPOCHS);
    }

    /**
     * @param maxEpochs of all jobs together
     */
    TrainingEventFollower(Clients clients, int maxEpochs) {
        this.maxEpochs = maxEpochs;
        follower =
                new TopicFollower(
                        clients,
                        "training-event-follower",
                        List.of(Topic.TRAINING_EVENTS),
                        this::read);
    }

    /** Starts following; returns when everything written so far is read. */
    public TrainingEventFollower start() throws InterruptedException {
        follower.start();
        return this;
    }

    /**
     * Tells of every event that arrives from now on, on the follower's thread.
     *
     * @param listener must return soon and not throw
     */
    public void listen(Consumer<TrainingEvent> listener) {
        listeners.add(listener);
    }

    /** The job's finished epochs in order; empty when nothing is known. */
    public List<EpochCompleted> epochs(String jobId) {
        synchronized (epochs) {
            return List.copyOf(epochs.getOrDefault(jobId, List.of()));
        }
    }

    @Override
    public void close() {
        follower.close();
    }

    private void read(ConsumerRecord<String, byte[]> record) {
        try {
            TaskEvent event = Json.read(record.value(), TaskEvent.class);
            if (event instanceof TrainingEvent training) {
                if (training instanceof EpochCompleted epoch) {
                    add(epoch);
                }
                listeners.forEach(listener -> listener.accept(training));
            }
        } catch (IllegalArgumentException e) {
            LOG.errorf(
                    "Skipped a training event that cannot be read (%s/%d/%d): %s",
                    record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }

    private void add(EpochCompleted epoch) {
        synchronized (epochs) {
            List<EpochCompleted> known =
                    epochs.computeIfAbsent(epoch.jobId(), id -> new ArrayList<>());
            if (!known.isEmpty() && known.get(known.size() - 1).epoch() >= epoch.epoch()) {
                return; // read again from the beginning
            }
            known.add(epoch);
            held++;
            Iterator<Map.Entry<String, List<EpochCompleted>>> silent = epochs.entrySet().iterator();
            while (held > maxEpochs && epochs.size() > 1) {
                held -= silent.next().getValue().size();
                silent.remove();
            }
        }
    }
}
