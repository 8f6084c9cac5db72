package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.testing.LocalStackExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    private void write(String jobId) throws Exception {
        try (KafkaProducer<String, byte[]> producer = clients.producer()) {
            producer.send(
                            new ProducerRecord<>(
                                    clients.name(Topic.JOB_STATUS),
                                    jobId,
                                    Json.write(status(jobId))))
                    .get();
        }
    }

    private static JobStatus status(String jobId) {
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
                Instant.EPOCH,
                null);
    }
}
