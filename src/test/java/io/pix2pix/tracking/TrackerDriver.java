package io.pix2pix.tracking;

import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.messaging.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;

/** The tracker's real topology without a broker; its time begins at {@link Events#T0}. */
final class TrackerDriver implements AutoCloseable {
    private static final String PREFIX = "p.";

    private final TopologyTestDriver driver;
    private final TestInputTopic<String, byte[]> events;

    TrackerDriver() {
        this(new TrackerMetrics(() -> true));
    }

    TrackerDriver(TrackerMetrics metrics) {
        driver =
                new TopologyTestDriver(
                        Tracker.topology(PREFIX, Tracking.DEFAULT, metrics),
                        new Properties(),
                        Events.T0);
        events =
                driver.createInputTopic(
                        Topic.TASK_EVENTS.named(PREFIX),
                        new StringSerializer(),
                        new ByteArraySerializer());
    }

    void take(TaskEvent... all) {
        for (TaskEvent event : all) {
            take(event.jobId(), Json.write(event));
        }
    }

    /** Whatever somebody may have written. */
    void take(String key, byte[] value) {
        events.pipeInput(key, value);
    }

    /** What was written to the topic and not read before, as is the case with all that follow. */
    TestOutputTopic<String, byte[]> output(Topic topic) {
        return driver.createOutputTopic(
                topic.named(PREFIX), new StringDeserializer(), new ByteArrayDeserializer());
    }

    List<byte[]> values(Topic topic) {
        return output(topic).readValuesToList();
    }

    <T> List<T> read(Topic topic, Class<T> type) {
        return values(topic).stream().map(value -> Json.read(value, type)).toList();
    }

    /** Lets time pass, at whose end the tracker looks once. */
    void advance(Duration time) {
        driver.advanceWallClockTime(time);
    }

    KeyValueStore<String, byte[]> store(String name) {
        return driver.getKeyValueStore(name);
    }

    @Override
    public void close() {
        driver.close();
    }
}
