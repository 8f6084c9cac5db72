package io.pix2pix.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pix2pix.event.JobCommand;
import io.pix2pix.event.JobStatus;
import io.pix2pix.event.Json;
import io.pix2pix.event.Schema;
import io.pix2pix.event.TaskEvent;
import io.pix2pix.event.TaskEvent.CommandReceived;
import io.pix2pix.event.TaskEvent.ImagesArrived;
import io.pix2pix.event.TaskEvent.JobRejected;
import io.pix2pix.event.TaskEvent.JobSubmitted;
import io.pix2pix.event.TranslationJob;
import io.pix2pix.failure.FailureException;
import io.pix2pix.local.SecureBroker;
import io.pix2pix.messaging.QueueHandler.Verdict;
import io.pix2pix.testing.Certificate;
import io.pix2pix.testing.KafkaUser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that may not write, for a while, what comes of the records that it takes. */
@Timeout(60)
class InsistenceTest {
    private static final String PASSWORD = "plain-secret";
    private static final TaskEvent EVENT =
            new CommandReceived("first", JobCommand.Action.PAUSE, Instant.EPOCH);

    private static SecureBroker broker;

    private final List<AutoCloseable> closing = new ArrayList<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final String prefix = "insist-" + UUID.randomUUID() + ".";
    private Clients clients;
    private Publisher publisher;
    private KafkaUser user;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = new SecureBroker(folder, Certificate.create(folder, "client", "EC"), PASSWORD);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void open() throws Exception {
        Messaging all = new Messaging(broker.administration(), prefix, Duration.ofSeconds(15));
        clients = new Clients(all);
        new Topics(clients).ensure();
        Security security =
                Security.of(SecurityProtocol.SASL_SSL)
                        .trusting(broker.ca())
                        .as("PLAIN", "plain", PASSWORD);
        Messaging own =
                new Messaging(broker.sasl(), prefix, Duration.ofSeconds(15))
                        .with(security, Map.of());
        // A producer that may write nowhere at all is of no use ever after.
        allowWriteTo("translation-results");
        publisher = closeLater(new Publisher(new Clients(own), Clock.systemUTC(), "test"));
        user = new KafkaUser(broker.administration(), prefix);
        assertThatThrownBy(() -> publisher.event(EVENT))
                .hasMessageContaining("needs the ACL Write on topic " + prefix + "task-events");
    }

    @AfterEach
    void close() throws Exception {
        thread.shutdownNow();
        for (AutoCloseable each : closing) {
            each.close();
        }
        user.closeUnchecked();
    }

    @Test
    void aCommandIsToldAsSoonAsItMayBe() throws Exception {
        Future<Verdict> verdict = handle(new CommandHandler(publisher), command());
        goesOn(verdict);
        allowWriteTo("task-events");
        assertThat(end(verdict)).isEqualTo(Verdict.ACCEPT);
        assertThat(user.taskEvents()).hasSize(1).hasOnlyElementsOfType(CommandReceived.class);
    }

    @Test
    void aStorageEventIsToldAsSoonAsItMayBe() throws Exception {
        TranslationJob job = job(true);
        user.write("translation-jobs", "job", new String(Json.write(job), StandardCharsets.UTF_8));
        SubmissionFollower submissions = closeLater(new SubmissionFollower(clients).start());
        S3EventHandler handler = new S3EventHandler(submissions, context());
        String notification =
                """
                {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "in"},
                 "object": {"key": "a.png", "eTag": "e", "size": 100, "sequencer": "01"}}}]}
                """;
        Future<Verdict> verdict =
                handle(handler, Deliveries.of(prefix + "s3-events", "a.png", notification));
        goesOn(verdict);
        allowWriteTo("task-events");
        assertThat(end(verdict)).isEqualTo(Verdict.ACCEPT);
        assertThat(user.taskEvents()).hasSize(1).hasOnlyElementsOfType(ImagesArrived.class);
    }

    @Test
    void aJobIsPlannedOnlyWhenTheTrackerKnowsOfIt() throws Exception {
        Future<Verdict> verdict =
                handle(
                        planning(),
                        Deliveries.of(
                                prefix + "translation-jobs",
                                "job",
                                new String(Json.write(job(false)), StandardCharsets.UTF_8)));
        goesOn(verdict);
        allowWriteTo("task-events");
        assertThat(end(verdict)).isEqualTo(Verdict.ACCEPT);
        assertThat(user.taskEvents())
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly("JobSubmitted", "PlanProgress", "PlanCompleted");
    }

    @Test
    void aRecordThatIsNoJobIsPutAwayAsSoonAsItMayBe() throws Exception {
        allowWriteTo("task-events");
        Future<Verdict> verdict =
                handle(
                        planning(),
                        Deliveries.of(prefix + "translation-jobs", "job", "{\"jobId\": \"job\"}"));
        goesOn(verdict);
        allowWriteTo("dead-letters");
        assertThat(end(verdict)).isEqualTo(Verdict.ACCEPT);
        assertThat(user.deadLetters("job"))
                .extracting(r -> KafkaUser.header(r, DeadLetter.CODE))
                .containsExactly("INVALID_JOB");
        assertThat(user.taskEvents()).hasSize(1).hasOnlyElementsOfType(JobRejected.class);
    }

    @Test
    void whatIsTooLargeForGoodIsPutAway() throws Exception {
        allowWriteTo("task-events");
        allowWriteTo("dead-letters");
        broker.admin()
                .incrementalAlterConfigs(
                        Map.of(
                                new ConfigResource(
                                        ConfigResource.Type.TOPIC, prefix + "task-events"),
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry("max.message.bytes", "50"),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
        await().until(() -> failureOf(EVENT), "MESSAGE_TOO_LARGE"::equals);
        Delivery delivery = command();
        assertThat(end(handle(new CommandHandler(publisher), delivery))).isEqualTo(Verdict.ACCEPT);
        assertThat(delivery.outcome()).isEqualTo(TaskOutcome.DROPPED);
        assertThat(user.deadLetters("job"))
                .extracting(r -> KafkaUser.header(r, DeadLetter.CODE))
                .containsExactly("MESSAGE_TOO_LARGE");
    }

    @Test
    void aProcessThatDrainsGivesTheRecordBack() throws Exception {
        Delivery delivery = command();
        Future<Verdict> verdict = handle(new CommandHandler(publisher), delivery);
        goesOn(verdict);
        delivery.drain();
        assertThat(end(verdict)).isEqualTo(Verdict.RELEASE);
        assertThat(delivery.outcome()).isEqualTo(TaskOutcome.RETURNED);
    }

    /** From a queue with a real lock, to one and then to another member. */
    @Test
    void aCommandThatWasGivenBackIsToldByAnother() throws Exception {
        Queue first =
                new Queue(clients, Topic.JOB_COMMANDS, "first", new CommandHandler(publisher));
        first.start();
        user.write("job-commands", "job", "{\"jobId\": \"job\", \"action\": \"cancel\"}");
        await().until(first::isBusy);
        first.close();
        Publisher other = closeLater(new Publisher(clients, Clock.systemUTC(), "other"));
        Queue second = new Queue(clients, Topic.JOB_COMMANDS, "second", new CommandHandler(other));
        second.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> !user.taskEvents().isEmpty());
        second.close();
        assertThat(user.taskEvents()).hasSize(1).hasOnlyElementsOfType(CommandReceived.class);
    }

    private Future<Verdict> handle(QueueHandler handler, Delivery delivery) {
        return thread.submit(() -> handler.handle(delivery));
    }

    /** Its first try was refused, for every one is; yet it has not ended. */
    private static void goesOn(Future<Verdict> verdict) {
        assertThatThrownBy(() -> verdict.get(1, TimeUnit.SECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    private static Verdict end(Future<Verdict> verdict) throws Exception {
        return verdict.get(30, TimeUnit.SECONDS);
    }

    private String failureOf(TaskEvent event) {
        try {
            publisher.event(event);
            return "";
        } catch (FailureException e) {
            return e.failure().code();
        }
    }

    private Delivery command() {
        return Deliveries.of(
                prefix + "job-commands", "job", "{\"jobId\": \"job\", \"action\": \"cancel\"}");
    }

    private WorkerContext context() throws InterruptedException {
        return new WorkerContext(
                closeLater(new StatusFollower(clients).start()),
                publisher,
                new Tasks(5, 3),
                Clock.systemUTC(),
                "w");
    }

    private SubmissionHandler<TranslationJob> planning() throws InterruptedException {
        return new SubmissionHandler<>(
                JobStatus.Kind.TRANSLATION,
                Schema.TRANSLATION_JOB,
                TranslationJob.class,
                context()) {
            @Override
            TaskEvent submitted(TranslationJob job, String digest, Instant at) {
                return new JobSubmitted(job.jobId(), digest, job, at);
            }

            @Override
            void plan(TranslationJob job, String digest, BooleanSupplier stop) {
                publisher.event(new TaskEvent.PlanCompleted(job.jobId(), digest, 0, 0));
            }
        };
    }

    private void allowWriteTo(String topic) throws Exception {
        broker.allow(
                List.of(
                        new AclBinding(
                                new ResourcePattern(
                                        ResourceType.TOPIC, prefix + topic, PatternType.LITERAL),
                                new AccessControlEntry(
                                        "User:plain",
                                        "*",
                                        AclOperation.WRITE,
                                        AclPermissionType.ALLOW))));
    }

    private <T extends AutoCloseable> T closeLater(T part) {
        closing.add(part);
        return part;
    }

    private static TranslationJob job(boolean follow) {
        String json =
                """
                {"jobId": "job", "model": {"uri": "s3://m/g.pt"}, "output": {"uri": "s3://out/"},
                 "input": {"uri": "s3://in/", "follow": %s}}
                """
                        .formatted(follow);
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TranslationJob.class);
    }
}
