package io.pix2pix.messaging;

import io.pix2pix.messaging.QueueHandler.Verdict;
import io.pix2pix.telemetry.Subject;
import io.pix2pix.telemetry.Traces;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One member of a queue's share group (KIP-932): takes a record, lets the handler work on a second
 * thread, renews the record's lock meanwhile (KIP-1222), acknowledges it at the end, takes the
 * next.
 *
 * <p>Runs on its own thread from {@link #start} to the end of {@link #drain}.
 */
public final class Queue implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Queue.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    /**
     * Polls in a row that found nothing and yet took so much of the processor: Kafka's share
     * consumer (4.2) does not wait while its brokers are away, on two threads a member.
     */
    private static final Duration RESTLESS = Duration.ofMillis(15);

    private static final int MOST_RESTLESS = 3;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final Duration TICK = Duration.ofSeconds(1);

    /** For one request to the broker: a lock that is not renewed by then is lost anyway. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration CLOSING = Duration.ofSeconds(3);

    private enum State {
        NEW,
        RUNNING,
        DRAINING,
        CLOSED
    }

    private final Clients clients;
    private final Topic topic;
    private final QueueHandler handler;
    private final Quarantine quarantine;
    private final TaskMetrics metrics;
    private final Thread thread;
    private final ExecutorService worker;
    private final Pause failures = new Pause();
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile State state = State.NEW;
    private volatile @Nullable Delivery current;
    private volatile long turnedNanos = System.nanoTime();

    /**
     * @param name for the threads and the log
     */
    public Queue(Clients clients, Topic topic, String name, QueueHandler handler) {
        this(clients, topic, name, handler, new Quarantine());
    }

    /**
     * @param quarantine nothing is taken while one runs alone there
     */
    public Queue(
            Clients clients,
            Topic topic,
            String name,
            QueueHandler handler,
            Quarantine quarantine) {
        this.clients = clients;
        this.topic = topic;
        this.handler = handler;
        this.quarantine = quarantine;
        this.metrics = TaskMetrics.of(topic);
        this.thread = new Thread(this::run, name + "-queue");
        this.worker = Executors.newSingleThreadExecutor(r -> new Thread(r, name));
    }

    public void start() {
        turnedNanos = System.nanoTime();
        state = State.RUNNING;
        thread.start();
    }

    /** Asks to take nothing more and to finish or hand back what is being worked on. */
    public void drain() {
        state = State.DRAINING;
        ending.countDown();
        Delivery delivery = current;
        if (delivery != null) {
            delivery.drain();
        }
    }

    /** Drains and waits for the end. */
    @Override
    public void close() {
        drain();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the queue's thread has ended. */
    public boolean isClosed() {
        return state == State.CLOSED;
    }

    /** For messages. */
    public String name() {
        return thread.getName();
    }

    /** Whether it takes records, or would if there were any. */
    public boolean isTaking() {
        return state == State.RUNNING && thread.isAlive();
    }

    /** Whether a record is being worked on. */
    public boolean isBusy() {
        return current != null;
    }

    /** Whether its thread ended, or hangs for so long, though nobody asked it to stop. */
    public boolean isDead(Duration hanging) {
        boolean hangs = System.nanoTime() - turnedNanos > hanging.toNanos();
        return state == State.RUNNING && (!thread.isAlive() || hangs);
    }

    private void run() {
        while (state == State.RUNNING) {
            KafkaShareConsumer<String, byte[]> consumer = null;
            Duration wait = Duration.ZERO;
            try {
                consumer = clients.queueMember(topic);
                consumer.subscribe(java.util.List.of(clients.name(topic)));
                wait = serve(consumer);
            } catch (WakeupException
                    | InterruptedException
                    | org.apache.kafka.common.errors.InterruptException e) {
                LOG.debugf("%s: woken up", topic);
            } catch (RuntimeException e) {
                // The client is done for, the queue is not: a new member takes over after a pause.
                wait = failures.next();
                LOG.warnf(
                        e,
                        "%s: the consumer failed, starting another in %s%s",
                        topic,
                        wait,
                        MissingAcl.hint(e, "Read"));
            } finally {
                close(consumer);
            }
            // Without a member, whose threads may not rest.
            pause(wait);
        }
        worker.shutdown();
        state = State.CLOSED;
    }

    /** Leaves the group; a broker that is away must not hold up the end. */
    private void close(@Nullable KafkaShareConsumer<String, byte[]> consumer) {
        try {
            if (consumer != null) {
                consumer.close(CLOSING);
            }
        } catch (KafkaException e) {
            LOG.debugf(e, "%s: the consumer did not close in order", topic);
        }
    }

    /**
     * Takes records until the queue drains or the consumer is of no use any more.
     *
     * @return how long to wait before another takes its place
     */
    private Duration serve(KafkaShareConsumer<String, byte[]> consumer)
            throws InterruptedException {
        boolean usable = true;
        int restless = 0;
        while (usable && state == State.RUNNING) {
            turnedNanos = System.nanoTime();
            if (!quarantine.awaitOpen(POLL)) {
                continue;
            }
            long cpu = THREADS.getCurrentThreadCpuTime();
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            boolean rests = THREADS.getCurrentThreadCpuTime() - cpu < RESTLESS.toNanos();
            restless = records.isEmpty() && !rests ? restless + 1 : 0;
            if (restless >= MOST_RESTLESS) {
                Duration wait = failures.next();
                LOG.warnf(
                        "%s: the consumer spins, as it does while brokers cannot be reached; starting another in %s",
                        topic, wait);
                return wait;
            }
            for (ConsumerRecord<String, byte[]> record : records) {
                usable = process(consumer, record);
            }
        }
        return Duration.ZERO;
    }

    /**
     * Takes one record through the handler while its lock is kept.
     *
     * @return whether the consumer may be used further: one that lost a lock waits for ever for the
     *     renewed record and fetches no other
     */
    private boolean process(
            KafkaShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record) {
        Delivery delivery = new Delivery(record);
        current = delivery;
        if (state != State.RUNNING) {
            delivery.drain();
        }
        Future<Verdict> work = worker.submit(() -> handle(delivery));
        boolean lost;
        try {
            Verdict verdict = awaitRenewing(consumer, delivery, work);
            delivery.nameThread();
            lost = delivery.isLost();
            if (!lost) {
                AcknowledgeType type =
                        verdict == Verdict.ACCEPT
                                ? AcknowledgeType.ACCEPT
                                : AcknowledgeType.RELEASE;
                consumer.acknowledge(record, type);
                refusal(consumer.commitSync(PATIENCE))
                        .ifPresent(
                                e ->
                                        LOG.warnf(
                                                "%s: %s of %s was refused: %s",
                                                topic,
                                                type,
                                                Delivery.where(record),
                                                e.getMessage()));
            }
        } finally {
            // Whatever became of the consumer, its handler must have ended before the next record.
            delivery.lose();
            await(delivery, work);
            current = null;
            Subject.leave();
        }
        return !lost;
    }

    /** Waits for the handler; renews the lock at a third of its time and ticks in between. */
    private Verdict awaitRenewing(
            KafkaShareConsumer<String, byte[]> consumer, Delivery delivery, Future<Verdict> work) {
        long renewNanos = clients.config().lock().toNanos() / 3;
        long tickNanos = Math.min(TICK.toNanos(), renewNanos);
        long renewed = System.nanoTime();
        while (true) {
            try {
                return work.get(tickNanos, TimeUnit.NANOSECONDS);
            } catch (TimeoutException stillWorking) {
                turnedNanos = System.nanoTime();
                delivery.nameThread();
                delivery.tick();
                delivery.interruptIfOverdue();
                if (System.nanoTime() - renewed >= renewNanos) {
                    if (!renew(consumer, delivery.record())) {
                        delivery.lose();
                        await(delivery, work);
                        return Verdict.RELEASE;
                    }
                    renewed = System.nanoTime();
                }
            } catch (ExecutionException e) {
                delivery.nameThread();
                LOG.errorf(
                        e.getCause(),
                        "%s: the handler failed on %s; it will be delivered again",
                        topic,
                        Delivery.where(delivery.record()));
                return Verdict.RELEASE;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new org.apache.kafka.common.errors.InterruptException(e);
            }
        }
    }

    private boolean renew(
            KafkaShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record) {
        consumer.acknowledge(record, AcknowledgeType.RENEW);
        Optional<KafkaException> refused = refusal(consumer.commitSync(PATIENCE));
        if (refused.isPresent()) {
            LOG.warnf(
                    "%s: the lock of %s is lost (%s); its work stops here",
                    topic, Delivery.where(record), refused.get().getMessage());
            return false;
        }
        // A renewed record comes back by poll, and only then can it be acknowledged again.
        ConsumerRecords<String, byte[]> again = consumer.poll(clients.config().lock().dividedBy(3));
        for (ConsumerRecord<String, byte[]> r : again) {
            if (r.offset() == record.offset() && r.partition() == record.partition()) {
                return true;
            }
        }
        LOG.warnf("%s: the lock of %s is lost; its work stops here", topic, Delivery.where(record));
        return false;
    }

    private static Optional<KafkaException> refusal(
            Map<TopicIdPartition, Optional<KafkaException>> results) {
        return results.values().stream().flatMap(Optional::stream).findFirst();
    }

    private Verdict handle(Delivery delivery) throws Exception {
        long start = System.nanoTime();
        metrics.began();
        delivery.began();
        Traces.Work work = trace(delivery);
        boolean returned = false;
        try {
            Verdict verdict = handler.handle(delivery);
            returned = true;
            return verdict;
        } finally {
            delivery.ended();
            if (!returned) {
                delivery.ends(TaskOutcome.CRASHED);
            }
            delivery.tell(metrics, work, System.nanoTime() - start);
            work.close();
            Subject.leave();
        }
    }

    /** A job's trace goes on; a task has its own, which leads to the job's. */
    private Traces.Work trace(Delivery delivery) {
        return switch (topic) {
            case TRANSLATION_JOBS, TRAINING_JOBS, JOB_COMMANDS ->
                    Traces.begin(metrics.kind(), delivery.trace());
            default -> Traces.beginLinked(metrics.kind(), delivery.trace());
        };
    }

    private static void await(Delivery delivery, Future<Verdict> work) {
        while (true) {
            try {
                work.get(TICK.toNanos(), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException stillWorking) {
                delivery.interruptIfOverdue();
            } catch (ExecutionException e) {
                LOG.debug("Ended with an exception after the lock was gone", e.getCause());
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void pause(Duration time) {
        try {
            var unused = ending.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
