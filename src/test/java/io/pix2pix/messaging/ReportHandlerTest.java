package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.Json;
import io.pix2pix.event.ReportTask;
import io.pix2pix.event.TaskEvent.ReportFailed;
import io.pix2pix.event.TaskEvent.ReportProgress;
import io.pix2pix.event.TaskEvent.ReportWritten;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.messaging.QueueHandler.Verdict;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.translation.ReportWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What whoever writes a report tells, on a real broker and a real storage. */
@Timeout(60)
class ReportHandlerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private final SetClock clock = new SetClock();
    private Handling handling;

    @BeforeEach
    void open() throws InterruptedException {
        handling = new Handling(STACK);
    }

    @AfterEach
    void close() {
        handling.close();
    }

    @Test
    void aReportThatTakesLongIsToldOfEveryTenSeconds() {
        Delivery delivery = delivery(STACK.prefix().toString(), 1, 2);
        assertThat(handler(STACK.store()).handle(delivery)).isEqualTo(Verdict.ACCEPT);
        assertThat(handling.user.taskEvents())
                .hasSize(1)
                .hasOnlyElementsOfType(ReportWritten.class);
        // As the queue does each second while the report is being written.
        for (int second = 1; second <= 25; second++) {
            clock.now = T0.plusSeconds(second);
            delivery.tick();
        }
        await().until(() -> handling.user.taskEvents().size() == 3);
        assertThat(handling.user.taskEvents())
                .filteredOn(ReportProgress.class::isInstance)
                .containsExactly(
                        new ReportProgress("job", 2, "w", T0.plusSeconds(10)),
                        new ReportProgress("job", 2, "w", T0.plusSeconds(20)));
    }

    @Test
    void whatEndsItsJobIsNoAttemptThatIsRepeated() {
        Delivery delivery = delivery("s3://", 1, 1);
        assertThat(handler(STACK.store()).handle(delivery)).isEqualTo(Verdict.ACCEPT);
        assertThat(((ReportFailed) handling.user.taskEvents().get(0)).failure().retriable())
                .isFalse();
        assertThat(delivery.outcome()).isEqualTo(TaskOutcome.REJECTED);
    }

    @Test
    void whatMayPassIsTriedAgainUntilTheAttemptsAreUsedUp() {
        Duration second = Duration.ofSeconds(1);
        StorageSettings nobody =
                StorageSettings.at(URI.create("http://127.0.0.1:9"), "a", "b")
                        .within(second, second, 1, second);
        try (ObjectStore none = new ObjectStore(nobody)) {
            Delivery first = delivery("s3://b/out/", 1, 1);
            handler(none).handle(first);
            assertThat(first.outcome()).isEqualTo(TaskOutcome.FAILED);
            Delivery last = delivery("s3://b/out/", 1, 2);
            handler(none).handle(last);
            assertThat(last.outcome()).isEqualTo(TaskOutcome.EXHAUSTED);
        }
        assertThat(handling.user.taskEvents())
                .extracting(e -> ((ReportFailed) e).failure().retriable())
                .containsExactly(true, false);
    }

    private ReportHandler handler(ObjectStore store) {
        return new ReportHandler(new ReportWriter(store), handling.context(new Tasks(2, 3), clock));
    }

    private Delivery delivery(String output, int attempt, int count) {
        String job =
                """
                {"jobId": "job", "model": {"uri": "s3://m/g.pt"}, "input": {"uri": "s3://in/"},
                 "output": {"uri": "%s"}}
                """
                        .formatted(output);
        ReportTask task =
                new ReportTask(
                        "job",
                        attempt,
                        0,
                        0,
                        true,
                        false,
                        List.of(),
                        Json.read(job.getBytes(StandardCharsets.UTF_8), TranslationJob.class));
        return Deliveries.of(
                handling.clients.name(Topic.REPORT_TASKS),
                "job",
                new String(Json.write(task), StandardCharsets.UTF_8),
                1,
                count);
    }

    /** Shows what it is set to. */
    private static final class SetClock extends Clock {
        private volatile Instant now = T0;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
