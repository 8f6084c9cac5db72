package io.pix2pix.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TranslationResult;
import io.pix2pix.messaging.Clients;
import io.pix2pix.messaging.Messaging;
import io.pix2pix.messaging.Publisher;
import io.pix2pix.messaging.Topics;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trackers that take over from each other, on a real broker. */
@Timeout(180)
class TrackerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();
    private static final int SHARDS = 60;

    private final String prefix = STACK.name("tracker") + ".";
    private final Clients clients =
            new Clients(new Messaging(STACK.bootstrapServers(), prefix, Duration.ofSeconds(15)));

    /** The first of two has the job's partition or gets it, and is gone in the middle. */
    @Test
    void aTrackerThatGoesInTheMiddleLosesNothingAndTheNextRepeatsNothing(@TempDir Path folder)
            throws Exception {
        new Topics(clients).ensure();
        try (Publisher publisher = new Publisher(clients, Clock.systemUTC(), "test");
                KafkaUser user = new KafkaUser(STACK.bootstrapServers(), prefix)) {
            Tracker first = tracker(folder.resolve("first"));
            publisher.event(Events.submitted());
            for (int shard = 0; shard < SHARDS; shard++) {
                publisher.event(Events.planned(shard));
            }
            publisher.event(Events.planCompleted(SHARDS));
            for (int shard = 0; shard < SHARDS / 2; shard++) {
                publisher.event(Events.completed(shard, 1, 0));
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> !user.results("job").isEmpty());
            assertThatCode(first::check).doesNotThrowAnyException();
            first.close();
            assertThatThrownBy(first::check).hasMessage("the tracker is NOT_RUNNING");
            assertThat(first.isDead()).isFalse();
            Tracker second = tracker(folder.resolve("second"));
            for (int shard = SHARDS / 4; shard < SHARDS; shard++) {
                publisher.event(Events.completed(shard, 1, 0));
            }
            publisher.event(
                    new TaskEvent.CommandReceived(
                            "job", io.pix2pix.event.JobCommand.Action.RESUME, Events.T0));
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> user.results("job").size() >= SHARDS * 10);
            publisher.event(Events.reported());
            JobStatus end = user.awaitEnd("job");
            second.close();
            assertThat(end.state()).isEqualTo(State.SUCCEEDED);
            List<TranslationResult> results = user.results("job");
            Set<String> names = new HashSet<>();
            results.forEach(r -> names.add(r.shard() + "/" + r.index()));
            assertThat(results).hasSize(SHARDS * 10);
            assertThat(names).hasSize(SHARDS * 10);
        }
    }

    private Tracker tracker(Path folder) {
        Tracker tracker = new Tracker(clients, new InFolder(folder.toString()));
        assertThatThrownBy(tracker::check).hasMessage("the tracker is CREATED");
        tracker.start();
        return tracker;
    }

    private record InFolder(String directory) implements TrackingConfig {
        @Override
        public int window() {
            return 32;
        }

        @Override
        public Duration lostAfter() {
            return Duration.ofMinutes(5);
        }

        @Override
        public Duration followDelay() {
            return Duration.ofSeconds(2);
        }

        @Override
        public Duration seenRetention() {
            return Duration.ofDays(7);
        }

        @Override
        public Duration retention() {
            return Duration.ofDays(30);
        }

        @Override
        public Duration backoff() {
            return Duration.ofSeconds(1);
        }

        @Override
        public int replication() {
            return 1;
        }

        @Override
        public int standbys() {
            return 0;
        }
    }
}
