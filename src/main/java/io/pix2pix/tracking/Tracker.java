package io.pix2pix.tracking;

import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.MessagingConfig;
import io.pix2pix.messaging.MissingAcl;
import io.pix2pix.messaging.Pause;
import io.pix2pix.messaging.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;
import org.jboss.logging.Logger;

/**
 * The owner of truth about jobs: one Kafka Streams topology (exactly-once v2) that folds {@code
 * task-events} into each job's state and forwards, in the same transaction, tasks, results, report
 * tasks, statuses and dead letters.
 */
public final class Tracker implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Tracker.class);
    static final String STORE = "jobs";
    static final String TRAINING_STORE = "trainings";
    static final String COMMAND_STORE = "commands";
    static final String ARRIVAL_STORE = "arrivals";
    static final String PROCESSOR = "tracker";

    private final KafkaStreams streams;
    private final TrackerMetrics metrics = new TrackerMetrics(this::isRunning);
    private final Pause failures = new Pause();
    private final CountDownLatch closing = new CountDownLatch(1);

    public Tracker(Clients clients, TrackingConfig config) {
        MessagingConfig kafka = clients.config();
        this.streams =
                new KafkaStreams(
                        topology(kafka.prefix(), config, metrics), properties(clients, config));
        streams.setUncaughtExceptionHandler(this::replaceThread);
    }

    /** Called on the thread that failed: waiting there keeps a fault that stays from spinning. */
    private StreamThreadExceptionResponse replaceThread(Throwable e) {
        Duration wait = failures.next();
        LOG.errorf(
                e,
                "The tracker's thread failed; another takes over from the store in %s%s",
                wait,
                MissingAcl.hint(e, "Read, Write, Create and Describe"));
        try {
            closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    public void start() {
        streams.start();
    }

    /** Whether the state is restored and events are being folded. */
    public boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /**
     * Tries nothing, only looks: while partitions move between trackers (REBALANCING) all is well,
     * too, for that is over soon and another has them meanwhile.
     *
     * @throws IllegalStateException it does not track
     */
    public void check() {
        KafkaStreams.State state = streams.state();
        if (!state.isRunningOrRebalancing()) {
            throw new IllegalStateException("the tracker is " + state);
        }
    }

    /** Whether only a new process tracks again. */
    public boolean isDead() {
        KafkaStreams.State state = streams.state();
        return state == KafkaStreams.State.ERROR || state == KafkaStreams.State.PENDING_ERROR;
    }

    @Override
    public void close() {
        closing.countDown();
        streams.close(Duration.ofSeconds(10));
    }

    static Topology topology(String prefix, TrackingConfig config, TrackerMetrics metrics) {
        var string = Serdes.String();
        var bytes = Serdes.ByteArray();
        Topology topology = new Topology();
        topology.addSource(
                "events",
                string.deserializer(),
                bytes.deserializer(),
                Topic.TASK_EVENTS.named(prefix));
        topology.addProcessor(PROCESSOR, () -> new TrackerProcessor(config, metrics), "events");
        for (String store : List.of(STORE, TRAINING_STORE, COMMAND_STORE, ARRIVAL_STORE)) {
            topology.addStateStore(
                    Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(store), string, bytes)
                            .withCachingDisabled(),
                    PROCESSOR);
        }
        for (Topic topic : TrackerProcessor.SINKS) {
            topology.addSink(
                    topic.name(),
                    topic.named(prefix),
                    string.serializer(),
                    bytes.serializer(),
                    PROCESSOR);
        }
        return topology;
    }

    private static Properties properties(Clients clients, TrackingConfig config) {
        MessagingConfig kafka = clients.config();
        Properties p = new Properties();
        p.putAll(clients.common());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, kafka.prefix() + "tracker");
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.replication());
        p.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbys());
        p.put(StreamsConfig.STATE_DIR_CONFIG, config.directory());
        p.put(
                StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
                LogAndContinueExceptionHandler.class);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 10_000);
        p.put(
                StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                kafka.maxMessageBytes());
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return p;
    }
}
