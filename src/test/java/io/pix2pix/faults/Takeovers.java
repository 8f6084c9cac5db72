package io.pix2pix.faults;

import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.TaskCompleted;
import io.pix2pix.event.TaskEvent.TaskFailed;
import io.pix2pix.event.TaskEvent.TaskProgress;
import io.pix2pix.event.TaskEvent.TaskReturned;
import io.pix2pix.faults.Fleet.Harm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How long tasks of harmed workers lay idle, by what workers told the tracker. */
final class Takeovers {
    private final List<TaskEvent> events;

    Takeovers(List<TaskEvent> events) {
        this.events = events;
    }

    /** For each task that the worker was at when it was harmed and that another began then. */
    List<Duration> after(Harm harm) {
        List<Duration> times = new ArrayList<>();
        for (int shard : at(harm)) {
            takeover(harm, shard).ifPresent(times::add);
        }
        return times;
    }

    private Optional<Duration> takeover(Harm harm, int shard) {
        for (TaskEvent event : events) {
            if (event instanceof TaskCompleted e && e.shard() == shard) {
                return Optional.empty(); // it was done and told, as it turned out
            }
            boolean elsewhere =
                    event instanceof TaskProgress e
                            && e.shard() == shard
                            && !isOf(harm, e.worker())
                            && e.at().isAfter(harm.at());
            if (elsewhere) {
                return Optional.of(Duration.between(harm.at(), ((TaskProgress) event).at()));
            }
        }
        return Optional.empty();
    }

    /** Whether the worker is at a task that nobody has finished. */
    boolean isAtWork(Harm harm) {
        Set<Integer> shards = at(harm);
        events.forEach(
                e -> {
                    if (e instanceof TaskCompleted c) {
                        shards.remove(c.shard());
                    }
                });
        return !shards.isEmpty();
    }

    private Set<Integer> at(Harm harm) {
        Set<Integer> shards = new LinkedHashSet<>();
        for (TaskEvent event : events) {
            if (event instanceof TaskProgress e && isOf(harm, e.worker())) {
                if (!e.at().isAfter(harm.at())) {
                    shards.add(e.shard());
                }
            } else if (event instanceof TaskReturned e && isOf(harm, e.worker())) {
                shards.remove(e.shard());
            } else if (event instanceof TaskFailed e && isOf(harm, e.worker())) {
                shards.remove(e.shard());
            }
        }
        return shards;
    }

    private static boolean isOf(Harm harm, String slot) {
        return slot.startsWith(harm.worker() + "/");
    }
}
