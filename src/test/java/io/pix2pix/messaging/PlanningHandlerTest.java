package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.Following;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TaskEvent.PlanCompleted;
import io.pix2pix.event.TaskEvent.PlanFailed;
import io.pix2pix.event.TaskEvent.PlanProgress;
import io.pix2pix.event.TaskEvent.PlanReturned;
import io.pix2pix.event.TaskEvent.ShardPlanned;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.storage.ObjectStore;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.storage.StorageSettings;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.translation.Planner;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a planner tells the tracker, on a real broker and a real storage. */
@Timeout(120)
class PlanningHandlerTest {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private final S3Uri base = STACK.prefix();
    private Handling handling;

    @BeforeEach
    void open() throws InterruptedException {
        handling = new Handling(STACK);
        put("g.pt");
        for (int i = 0; i < 10; i++) {
            put("in/%d.png".formatted(i));
        }
    }

    @AfterEach
    void close() {
        handling.close();
    }

    @Test
    void aPlanIsToldFromItsSubmissionToItsEnd() {
        handler(STACK.store()).handle(delivery(json(), 1, 1));
        assertThat(handling.user.taskEvents())
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly(
                        "JobSubmitted",
                        "PlanProgress",
                        "ShardPlanned",
                        "ShardPlanned",
                        "ShardPlanned",
                        "PlanCompleted");
    }

    @Test
    void whatTheTrackerKnowsOfAnInterruptedPlanIsNotToldAgain() {
        String digest = Json.digest(job());
        known(status(digest, State.RUNNING, 2));
        handler(STACK.store()).handle(delivery(json(), 1, 1));
        assertThat(handling.user.taskEvents())
                .filteredOn(e -> e instanceof ShardPlanned)
                .extracting(e -> ((ShardPlanned) e).shard())
                .containsExactly(2);
        assertThat(handling.user.taskEvents()).last().isInstanceOf(PlanCompleted.class);
    }

    @Test
    void aPlannerThatIsAskedToStopHandsThePlanBackAsTheAttemptThatItIs() {
        Delivery delivery = delivery(json(), 2, 1);
        delivery.drain();
        handler(STACK.store()).handle(delivery);
        assertThat(handling.user.taskEvents()).last().isInstanceOf(PlanReturned.class);
        assertThat(((PlanReturned) handling.last()).attempt()).isEqualTo(2);
    }

    @Test
    void aCancelledJobsPlanIsDropped() {
        known(status(Json.digest(job()), State.CANCELLING, 0));
        handler(STACK.store()).handle(delivery(json(), 1, 1));
        assertThat(handling.user.taskEvents()).isEmpty();
    }

    /** It might be rejected by now, and would end. */
    @Test
    void aStandingJobThatRunsIsNotSetUpAgain() {
        String standing = json().replace("/in/\"}", "/in/\", \"follow\": true}");
        handler(STACK.store()).handle(delivery(standing, 1, 1));
        assertThat(handling.user.taskEvents()).last().isInstanceOf(Following.class);
        int told = handling.user.taskEvents().size();
        known(status(((Following) handling.last()).digest(), State.RUNNING, 0));
        handler(STACK.store()).handle(delivery(standing, 1, 1));
        assertThat(handling.user.taskEvents()).hasSize(told);
    }

    @Test
    void aPlanFailsForNowAndIsRejectedWhenItsAttemptsAreUsedUp() {
        StorageSettings nobody = StorageSettings.at(URI.create("http://127.0.0.1:9"), "a", "b");
        try (ObjectStore none = new ObjectStore(nobody)) {
            handler(none).handle(delivery(json(), 1, 2));
            assertThat(((PlanFailed) handling.last()).attempt()).isEqualTo(2);
            handler(none).handle(delivery(json(), 2, 2));
            assertThat(((JobRejected) handling.last()).failure().code())
                    .isEqualTo("STORAGE_UNAVAILABLE");
        }
    }

    @Test
    void aPlanOverWhichTooManyPlannersDiedIsNotTriedAgain() {
        handler(STACK.store()).handle(delivery(json(), 7, 5));
        assertThat(handling.user.taskEvents())
                .hasAtLeastOneElementOfType(JobSubmitted.class)
                .hasAtLeastOneElementOfType(PlanProgress.class)
                .doesNotHaveAnyElementsOfTypes(ShardPlanned.class);
        assertThat(((JobRejected) handling.last()).failure().code())
                .isEqualTo("ATTEMPTS_EXHAUSTED");
    }

    @Test
    void aJobOfTooManyBytesIsRefusedByItsName() {
        String large =
                json().replace(
                                "{\"jobId\"",
                                "{\"x\": [\"%s\"], \"jobId\"".formatted("y\",\"".repeat(100_000)));
        handler(STACK.store()).handle(delivery(large, 1, 1));
        assertThat(((JobRejected) handling.last()).failure().message())
                .contains("expected at most 262144");
        assertThat(handling.user.deadLetters("job")).hasSize(1);
    }

    @Test
    void aRecordThatIsTooLargeIsAFailureThatNoRetryMends() {
        TaskEvent large = new TaskEvent.ReportWritten("job", "s3://b/" + "x".repeat(9 << 20));
        FailureException failure = null;
        try {
            handling.publisher.event(large);
        } catch (FailureException e) {
            failure = e;
        }
        assertThat(failure).isNotNull();
        assertThat(failure.failure().code()).isEqualTo("MESSAGE_TOO_LARGE");
        assertThat(failure.failure().retriable()).isFalse();
    }

    private TranslationPlanningHandler handler(ObjectStore store) {
        return new TranslationPlanningHandler(
                new Planner(store, 1000), handling.context(new Tasks(5, 3), Clock.systemUTC()));
    }

    /**
     * @param attempt as its header says
     * @param count of deliveries
     */
    private Delivery delivery(String json, int attempt, int count) {
        return Deliveries.of(
                handling.clients.name(Topic.TRANSLATION_JOBS), "job", json, attempt, count);
    }

    private void known(JobStatus status) {
        try (KafkaProducer<String, byte[]> producer = handling.clients.producer()) {
            var unused =
                    producer.send(
                            new ProducerRecord<>(
                                    handling.clients.name(Topic.JOB_STATUS),
                                    null,
                                    "job",
                                    Json.write(status),
                                    CloudEvents.headers(
                                            "JobStatus", "known", "/test", Instant.EPOCH)));
        }
        await().until(() -> handling.statuses.status("job").isPresent());
    }

    private static JobStatus status(String digest, State state, int tasks) {
        return new JobStatus(
                "job",
                JobStatus.Kind.TRANSLATION,
                digest,
                state,
                null,
                new JobStatus.Images(0, 0, 0, 0, 0),
                false,
                tasks,
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

    private TranslationJob job() {
        return Json.read(json().getBytes(StandardCharsets.UTF_8), TranslationJob.class);
    }

    private String json() {
        return """
        {"jobId": "job", "model": {"uri": "%s"}, "input": {"uri": "%s"}, "output": {"uri": "%s"}, "shardSize": 4}
        """
                .formatted(base.resolve("g.pt"), base.resolve("in/"), base.resolve("out/"));
    }

    private void put(String below) {
        STACK.store()
                .create(base.resolve(below), new byte[] {1}, "application/octet-stream", Map.of());
    }
}
