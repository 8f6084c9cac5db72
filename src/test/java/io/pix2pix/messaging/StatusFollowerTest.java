package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.testing.LocalStackExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class StatusFollowerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private final Clients clients =
            new Clients(
                    new Messaging(
                            STACK.bootstrapServers(),
                            STACK.name("s") + ".",
                            Duration.ofSeconds(15)));

    @Test
    void aFollowerThatIsThereBeforeTheTopicsReadsWhatIsWrittenLater() throws Exception {
        try (StatusFollower follower = new StatusFollower(clients).start()) {
            assertThat(follower.statuses()).isEmpty();
            new Topics(clients).ensure();
            write("later");
            await().until(() -> follower.status("later").isPresent());
        }
    }

    @Test
    void whatWasWrittenBeforeIsKnownWhenStartReturns() throws Exception {
        new Topics(clients).ensure();
        for (int i = 0; i < 20; i++) {
            write("job-" + i);
        }
        try (StatusFollower follower = new StatusFollower(clients).start()) {
            assertThat(follower.statuses()).hasSize(20);
            assertThat(follower.status("job-7")).isPresent();
            assertThat(follower.status("job-20")).isEmpty();
        }
    }

    /** As a follower that begins again reads it, for compaction leaves old records for a while. */
    @Test
    void anOlderStatusDoesNotTakeTheNewersPlace() throws Exception {
        new Topics(clients).ensure();
        List<Instant> heard = new CopyOnWriteArrayList<>();
        try (StatusFollower follower =
                new StatusFollower(clients, s -> heard.add(s.updatedAt())).start()) {
            write("job", Instant.EPOCH.plusSeconds(2));
            write("job", Instant.EPOCH.plusSeconds(1));
            write("job", Instant.EPOCH.plusSeconds(3));
            await().until(() -> heard.contains(Instant.EPOCH.plusSeconds(3)));
            assertThat(follower.status("job").orElseThrow().updatedAt())
                    .isEqualTo(Instant.EPOCH.plusSeconds(3));
            assertThat(heard)
                    .containsExactly(Instant.EPOCH.plusSeconds(2), Instant.EPOCH.plusSeconds(3));
        }
    }

    private void write(String jobId) throws Exception {
        write(jobId, Instant.EPOCH);
    }

    private void write(String jobId, Instant updatedAt) throws Exception {
        try (KafkaProducer<String, byte[]> producer = clients.producer()) {
            producer.send(
                            new ProducerRecord<>(
                                    clients.name(Topic.JOB_STATUS),
                                    jobId,
                                    Json.write(status(jobId, updatedAt))))
                    .get();
        }
    }

    private static JobStatus status(String jobId, Instant updatedAt) {
        return new JobStatus(
                jobId,
                JobStatus.Kind.TRANSLATION,
                "d",
                JobStatus.State.PLANNING,
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
                null,
                null,
                null,
                "",
                Instant.EPOCH,
                null,
                updatedAt,
                null);
    }
}
