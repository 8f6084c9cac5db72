package io.pix2pix.tracking;

import static io.pix2pix.event.JobStatus.Outcome.TOO_LATE;
import static io.pix2pix.event.JobStatus.Outcome.WAITING;

import io.pix2pix.event.JobCommand.Action;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.LastCommand;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent.CommandReceived;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Commands for jobs that nobody has heard of. Jobs and commands come by different queues, and a
 * planner may be busy with other jobs: the command for a job may overtake its submission. So it is
 * kept for a while.
 */
final class WaitingCommands {
    static final Duration KEPT = Duration.ofHours(1);

    /** How many jobs' commands one partition keeps; the oldest go first. */
    static final int MOST = 1000;

    /**
     * @param action what will be done with the job when it comes
     * @param at when that was written
     * @param since when the job was first named
     */
    private record Waiting(String jobId, Action action, Instant at, Instant since) {}

    private final KeyValueStore<String, byte[]> store;
    private final Map<String, Waiting> waiting = new HashMap<>();

    WaitingCommands(KeyValueStore<String, byte[]> store) {
        this.store = store;
        try (KeyValueIterator<String, byte[]> all = store.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                waiting.put(entry.key, Json.read(entry.value, Waiting.class));
            }
        }
    }

    /** Keeps a command for a job that is not known. */
    List<Output> keep(CommandReceived e, Instant now) {
        Waiting before = waiting.get(e.jobId());
        boolean cancelled = before != null && before.action() == Action.CANCEL;
        LastCommand last =
                before == null ? null : new LastCommand(before.action(), before.at(), WAITING, "");
        if (Steering.isOvertaken(last, e.action(), e.at())) {
            return List.of();
        }
        Instant since = before == null ? now : before.since();
        boolean tooLate = cancelled && e.action() != Action.CANCEL;
        if (!tooLate) {
            Waiting kept = new Waiting(e.jobId(), e.action(), e.at(), since);
            waiting.put(e.jobId(), kept);
            store.put(e.jobId(), Json.write(kept));
        }
        List<Output> outputs = new ArrayList<>();
        if (waiting.size() > MOST) {
            waiting.values().stream()
                    .filter(w -> !w.jobId().equals(e.jobId()))
                    .min(Comparator.comparing(Waiting::since))
                    .ifPresent(w -> outputs.add(drop(w.jobId())));
        }
        outputs.add(new Output.Status(status(e, tooLate, since, now)));
        return outputs;
    }

    /** The command that waits for this job, which has come now. */
    Optional<CommandReceived> take(String jobId) {
        Waiting w = waiting.remove(jobId);
        if (w == null) {
            return Optional.empty();
        }
        store.delete(jobId);
        return Optional.of(new CommandReceived(jobId, w.action(), w.at()));
    }

    /** Drops what waited long enough. */
    List<Output.Gone> forget(Instant now) {
        List<String> old =
                waiting.values().stream()
                        .filter(w -> w.since().plus(KEPT).isBefore(now))
                        .map(Waiting::jobId)
                        .toList();
        return old.stream().map(this::drop).toList();
    }

    private Output.Gone drop(String jobId) {
        waiting.remove(jobId);
        store.delete(jobId);
        return new Output.Gone(jobId);
    }

    private static JobStatus status(
            CommandReceived e, boolean tooLate, Instant since, Instant now) {
        String message =
                tooLate
                        ? "a cancel waits for the job"
                        : Steering.message(State.UNKNOWN, e.action());
        return new JobStatus(
                e.jobId(),
                null,
                "",
                State.UNKNOWN,
                null,
                new JobStatus.Images(0, 0, 0, 0, 0),
                false,
                0,
                0,
                0,
                List.of(),
                0,
                0,
                0,
                new LastCommand(e.action(), e.at(), tooLate ? TOO_LATE : WAITING, message),
                null,
                null,
                "there is no job %s; the command counts if it is submitted before %s"
                        .formatted(e.jobId(), since.plus(KEPT)),
                since,
                null,
                now,
                null);
    }
}
