package io.pix2pix.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.pix2pix.event.JobStatus;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.local.SecureBroker;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.Certificate;
import io.pix2pix.testing.DocumentedAcls;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import io.pix2pix.testing.WorkerProcess;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged application with a broker that asks who comes: a coordinator that logs in by SCRAM
 * and workers with a certificate, each with the ACLs of docs/security.md and no others.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecureKafkaIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final String PREFIX = "pix2pix.";
    private static final String PASSWORD = "kafka-s3cret-of-the-coordinator";

    private static SecureBroker broker;
    private static Certificate client;
    private static S3Uri base;
    private static WorkerProcess coordinator;
    private static WorkerProcess worker;
    private static KafkaUser user;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        client = Certificate.create(folder, "worker", "RSA");
        broker = new SecureBroker(folder, client, "unused");
        broker.user("coordinator", PASSWORD);
        broker.allow(DocumentedAcls.of("coordinator", Set.of("all", "coordinator", "set-up")));
        broker.allow(DocumentedAcls.of("worker", Set.of("all", "translator", "trainer")));
        base = STACK.prefix();
        Path model = folder.resolve("generator.pt");
        Models.small(model, 3, 1);
        STACK.store()
                .upload(model, base.resolve("generator.pt"), "application/octet-stream", Map.of());
        for (int i = 0; i < 3; i++) {
            STACK.store()
                    .create(
                            base.resolve("in/" + i + ".png"),
                            Pictures.png(72, 36, i),
                            "image/png",
                            Map.of());
        }
        coordinator = process("coordinator", bySasl()).ready();
        worker = process("translator,trainer", byCertificate()).ready();
        user = new KafkaUser(broker.administration(), PREFIX);
    }

    @AfterAll
    static void stop() throws Exception {
        user.close();
        worker.close();
        coordinator.close();
        broker.close();
    }

    @Test
    @Order(1)
    void aTranslationRunsToItsEndWithTheDocumentedAcls() {
        user.write("translation-jobs", "first", translation("first"));

        JobStatus end = user.awaitEnd("first");

        assertThat(end.state()).isEqualTo(State.SUCCEEDED);
        assertThat(user.results("first")).hasSize(3);
        assertThat(coordinator.log()).doesNotContain("ACL").doesNotContain("uthoriz");
        assertThat(worker.log()).doesNotContain("ACL").doesNotContain("uthoriz");
    }

    @Test
    @Order(2)
    void soDoesATraining() {
        user.write(
                "training-jobs",
                "train",
                """
                {"jobId": "train", "dataset": {"uri": "%s"}, "output": {"uri": "%s"},
                 "generator": {"network": "unet_32", "filters": 4},
                 "discriminator": {"filters": 4, "layers": 2},
                 "training": {"epochs": 1, "decayEpochs": 0, "loadSize": 36, "cropSize": 32}}
                """
                        .formatted(base.resolve("in/"), base.resolve("train/")));

        assertThat(user.awaitEnd("train").state()).isEqualTo(State.SUCCEEDED);
        assertThat(worker.log()).doesNotContain("ACL").doesNotContain("uthoriz");
    }

    @Test
    @Order(3)
    void soDoesAJobThatComesByRestAndIsCancelled() throws Exception {
        rest("translation-jobs", translation("by-rest"));
        rest("jobs/by-rest/cancel", "");
        assertThat(user.awaitEnd("by-rest").state()).isIn(State.SUCCEEDED, State.CANCELLED);
        assertThat(coordinator.log()).doesNotContain("ACL").doesNotContain("uthoriz");
    }

    private static void rest(String path, String body) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(coordinator.http().resolve("/api/v1/" + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isIn(202, 409);
    }

    @Test
    @Order(4)
    void whereAllIsSetUpACoordinatorNeedNotBeAllowedTo() throws Exception {
        broker.user("second", PASSWORD);
        broker.allow(DocumentedAcls.of("second", Set.of("all", "coordinator")));
        Map<String, String> settings = new HashMap<>(bySasl());
        settings.put("pix2pix.kafka.security.username", "second");
        try (WorkerProcess second = process("coordinator", settings).ready()) {
            assertThat(second.log()).doesNotContain("ACL").doesNotContain("uthoriz");
        }
    }

    @Test
    @Order(5)
    void nobodySaysAPassword() {
        assertThat(coordinator.log()).doesNotContain(PASSWORD).doesNotContain("PRIVATE KEY");
        assertThat(worker.log()).doesNotContain("PRIVATE KEY");
    }

    @Test
    @Order(6)
    void withoutOneOfThemTheLogNamesIt() throws Exception {
        // Each is taken away alone, and given back.
        without(
                ResourceType.TOPIC,
                "task-events",
                AclOperation.WRITE,
                "Write on topic pix2pix.task-events");
        user.awaitEnd("without-task-events");
        without(
                ResourceType.GROUP,
                "translation-tasks",
                AclOperation.READ,
                "Read on group pix2pix.translation-tasks");
        user.awaitEnd("without-translation-tasks");
    }

    /** Takes it from the workers, submits a job that needs it, and waits for who says so. */
    private static void without(
            ResourceType type, String name, AclOperation operation, String expected)
            throws Exception {
        AclBinding acl =
                DocumentedAcls.of("worker", Set.of("all", "translator")).stream()
                        .filter(each -> each.pattern().resourceType() == type)
                        .filter(each -> each.pattern().name().equals(PREFIX + name))
                        .filter(each -> each.entry().operation() == operation)
                        .findFirst()
                        .orElseThrow();
        broker.deny(acl);
        user.write("translation-jobs", "without-" + name, translation("without-" + name));
        worker.awaitLog(expected);
        broker.allow(List.of(acl));
    }

    @Test
    @Order(7)
    void aWorkerThatMayNothingDoesNotStart() throws Exception {
        broker.user("nobody", "no-s3cret");
        Map<String, String> settings = new HashMap<>(bySasl());
        settings.put("pix2pix.kafka.security.username", "nobody");
        settings.put("pix2pix.kafka.security.password", "no-s3cret");
        try (WorkerProcess nobody = process("translator", settings)) {
            assertThat(nobody.exitCode(Duration.ofMinutes(1))).isEqualTo(1);
            assertThat(nobody.log())
                    .contains("may not create it")
                    .contains("Topic pix2pix.")
                    .doesNotContain("no-s3cret");
        }
    }

    private static WorkerProcess process(String roles, Map<String, String> security) {
        Map<String, String> settings = new HashMap<>(security);
        settings.put("pix2pix.roles", roles);
        // A task that comes back too often while its worker may not tell of it is gone from the
        // queue; the tracker sends it again after twelve times this.
        settings.put("pix2pix.tracking.lost-after", "5s");
        settings.put("pix2pix.kafka.security.ca", broker.ca().toString());
        settings.put("quarkus.log.category.\"io.pix2pix\".level", "DEBUG");
        settings.put("quarkus.log.category.\"org.apache.kafka\".level", "INFO");
        return WorkerProcess.start(STACK, settings);
    }

    private static Map<String, String> bySasl() {
        return Map.of(
                "pix2pix.kafka.bootstrap-servers",
                broker.sasl(),
                "pix2pix.kafka.security.protocol",
                "SASL_SSL",
                "pix2pix.kafka.security.username",
                "coordinator",
                "pix2pix.kafka.security.password",
                PASSWORD);
    }

    private static Map<String, String> byCertificate() {
        return Map.of(
                "pix2pix.kafka.bootstrap-servers", broker.tls(),
                "pix2pix.kafka.security.protocol", "SSL",
                "pix2pix.kafka.security.certificate", client.chain().toString(),
                "pix2pix.kafka.security.key", client.key().toString());
    }

    private static String translation(String id) {
        return """
        {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "%s"},
         "output": {"uri": "%s"}, "size": {"width": 32, "height": 32}}
        """
                .formatted(
                        id,
                        base.resolve("generator.pt"),
                        base.resolve("in/"),
                        base.resolve(id + "/"));
    }
}
