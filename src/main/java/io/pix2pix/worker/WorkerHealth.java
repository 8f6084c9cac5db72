package io.pix2pix.worker;

import io.pix2pix.engine.DeviceHealth;
import io.pix2pix.messaging.Queue;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.jboss.logging.Logger;

/**
 * Whether this process is well. Alive: restarting it would not help. Ready: it can do its work now.
 *
 * <p>What takes time is tried in the background, so that asking costs nothing; answers come from
 * what was found last. Safe for use by several threads.
 */
public final class WorkerHealth implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkerHealth.class);

    /** A result older than so many intervals means that the trying itself hangs. */
    private static final int STALE = 6;

    /** Broker, storage, device: one that hangs holds up no other. */
    private static final int PARALLEL = 3;

    /**
     * An answer.
     *
     * @param data what was looked at, in words: "UP", or why not
     */
    public record Answer(boolean up, Map<String, String> data) {
        HealthCheckResponse response(String name) {
            HealthCheckResponseBuilder response = HealthCheckResponse.named(name).status(up);
            data.forEach(response::withData);
            return response.build();
        }
    }

    /** Tries a part; throws when it does not work. */
    @FunctionalInterface
    interface Check {
        void run() throws InterruptedException;
    }

    private record Found(Optional<String> trouble, long nanos) {}

    private final HealthConfig config;
    private final Duration hanging;
    private final List<DeviceHealth> devices = new CopyOnWriteArrayList<>();
    private final List<Queue> queues = new CopyOnWriteArrayList<>();
    private final Map<String, BooleanSupplier> lives = new ConcurrentHashMap<>();
    private final Map<String, Found> found = new ConcurrentHashMap<>();
    private final ScheduledExecutorService background =
            Executors.newScheduledThreadPool(
                    PARALLEL,
                    task -> {
                        Thread thread = new Thread(task, "health");
                        thread.setDaemon(true);
                        return thread;
                    });
    private volatile boolean started;

    /**
     * @param hanging a queue whose thread did not come round for so long hangs
     */
    WorkerHealth(HealthConfig config, Duration hanging) {
        this.config = config;
        this.hanging = hanging;
    }

    /** Tries a part from now on. */
    void watch(String name, Check check) {
        found.put(name, new Found(Optional.of("not tried yet"), System.nanoTime()));
        long nanos = config.interval().toNanos();
        var unused =
                background.scheduleWithFixedDelay(
                        () -> attempt(name, check), 0, nanos, TimeUnit.NANOSECONDS);
    }

    /** Asks from now on whether a part is dead, so that only a new process helps. */
    void watchLife(String name, BooleanSupplier isDead) {
        lives.put(name, isDead);
    }

    void watch(DeviceHealth device) {
        devices.add(device);
        watch(device.device(), () -> device.check(config.interval()));
    }

    void watch(Queue queue) {
        queues.add(queue);
    }

    /** All parts are running. */
    void started() {
        started = true;
    }

    private void attempt(String name, Check check) {
        Optional<String> trouble = Optional.empty();
        try {
            check.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
        }
        Found before = found.put(name, new Found(trouble, System.nanoTime()));
        boolean changed = before == null || !before.trouble().equals(trouble);
        if (changed) {
            LOG.infof("Health: %s %s", name, trouble.map(t -> "is DOWN: " + t).orElse("is UP"));
        }
    }

    /** DOWN when only a new process can help: a device, a queue's thread or the tracker is dead. */
    public Answer live() {
        Map<String, String> data = new LinkedHashMap<>();
        boolean up = true;
        for (DeviceHealth device : devices) {
            up &= !device.isBroken();
            data.put(
                    device.device(),
                    device.state() + device.reason().map(r -> ": " + r).orElse(""));
        }
        for (Queue queue : queues) {
            boolean dead = queue.isDead(hanging);
            up &= !dead;
            if (dead) {
                data.put(queue.name(), "its thread is dead or hangs");
            }
        }
        for (Map.Entry<String, BooleanSupplier> life : lives.entrySet()) {
            boolean dead = life.getValue().getAsBoolean();
            up &= !dead;
            if (dead) {
                data.put(life.getKey(), "is dead");
            }
        }
        return new Answer(up, data);
    }

    /**
     * UP when tasks can be done: broker and storage answer, the tracker tracks, the devices did
     * something right lately, every queue takes records.
     */
    public Answer ready() {
        Map<String, String> data = new LinkedHashMap<>();
        if (!started) {
            data.put("worker", "starting");
        }
        found.forEach(
                (name, f) ->
                        f.trouble()
                                .or(() -> stale(f.nanos()))
                                .ifPresent(trouble -> data.put(name, trouble)));
        for (DeviceHealth device : devices) {
            if (device.isBroken()) {
                data.put(device.device(), "broken");
            } else if (device.sinceWorked().compareTo(config.interval().multipliedBy(STALE)) > 0) {
                data.put(device.device(), "did nothing for " + device.sinceWorked());
            }
        }
        for (Queue queue : queues) {
            if (!queue.isTaking()) {
                data.put(queue.name(), "takes no records");
            }
        }
        return new Answer(data.isEmpty(), data);
    }

    private Optional<String> stale(long nanos) {
        Duration age = Duration.ofNanos(System.nanoTime() - nanos);
        boolean stale = age.compareTo(config.interval().multipliedBy(STALE)) > 0;
        return stale ? Optional.of("was not tried for " + age) : Optional.empty();
    }

    @Override
    public void close() {
        background.shutdownNow();
    }
}
