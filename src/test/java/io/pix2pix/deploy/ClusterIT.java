package io.pix2pix.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.pix2pix.event.JobStatus.State;
import io.pix2pix.event.Json;
import io.pix2pix.local.SecureBroker;
import io.pix2pix.storage.S3Uri;
import io.pix2pix.testing.Certificate;
import io.pix2pix.testing.KafkaUser;
import io.pix2pix.testing.LocalStackExtension;
import io.pix2pix.testing.Models;
import io.pix2pix.testing.Pictures;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A coordinator and a translator that are given what their pods in {@code k8s/base} are given:
 * environment, mounted files, their Kafka users' rights and no others; asked as the kubelet and
 * KEDA ask. This test plays Strimzi, which makes topics, users and certificates, and whoever makes
 * the secrets.
 */
@Timeout(300)
class ClusterIT {
    @RegisterExtension static final LocalStackExtension STACK = new LocalStackExtension();

    private static final List<JsonNode> BASE = Files.base();
    private static final String VIEWER = "key-of-the-viewer-KEDA-is";
    private static final String OPERATOR = "key-of-an-operator";
    private static final String MOUNTS = "/etc/pix2pix/";

    @TempDir static Path folder;
    private static Certificate https;
    private static HttpClient client;
    private static SecureBroker broker;
    private static final Map<String, Map<String, byte[]>> SECRETS = new HashMap<>();
    private static Pod coordinator;
    private static Pod translator;

    @BeforeAll
    static void start() throws Exception {
        https = Certificate.create(folder, "coordinator-tls", "EC");
        client = HttpClient.newBuilder().sslContext(https.trusting()).build();
        Map<String, Certificate> users = new TreeMap<>();
        for (String user : Files.names(BASE, "KafkaUser")) {
            users.put(user, Certificate.create(folder, user, "RSA"));
        }
        StringBuilder authorities = new StringBuilder();
        users.values().forEach(c -> authorities.append(Files.text(c.chain().toString())));
        Certificate any = users.values().iterator().next();
        broker =
                new SecureBroker(
                        folder,
                        new Certificate(
                                java.nio.file.Files.writeString(
                                        folder.resolve("clients.crt"), authorities),
                                any.key(),
                                any.keys()),
                        "unused");
        playStrimzi(users);
        secret("pix2pix-coordinator-tls", "tls.crt", bytes(https.chain()));
        secret("pix2pix-coordinator-tls", "tls.key", bytes(https.key()));
        String keys = entry("keda:viewer:", VIEWER) + entry("ci:operator:", OPERATOR);
        secret("pix2pix-api-keys", "keys", keys.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        coordinator = new Pod("pix2pix-coordinator");
        coordinator.awaitReady();
        translator = new Pod("pix2pix-translator");
        translator.awaitReady();
    }

    @AfterAll
    static void stop() {
        Stream.of(translator, coordinator).filter(p -> p != null).forEach(Pod::kill);
        if (broker != null) {
            broker.close();
        }
    }

    /** Topics, users with their rights, and the secrets that it makes of users and its cluster. */
    private static void playStrimzi(Map<String, Certificate> users) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (JsonNode topic : Files.of(BASE, "KafkaTopic")) {
            Map<String, String> settings = new HashMap<>();
            topic.at("/spec/config")
                    .properties()
                    .forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
            // One broker holds one replica.
            topics.add(
                    new NewTopic(
                                    topic.at("/metadata/name").asText(),
                                    topic.at("/spec/partitions").asInt(),
                                    (short) 1)
                            .configs(settings));
        }
        broker.admin().createTopics(topics).all().get();
        for (JsonNode user : Files.of(BASE, "KafkaUser")) {
            String name = user.at("/metadata/name").asText();
            broker.allow(rights(name, user));
            Certificate certificate = users.get(name);
            secret(name, "user.crt", bytes(certificate.chain()));
            secret(name, "user.key", bytes(certificate.key()));
        }
        String cluster =
                Files.of(BASE, "KafkaUser")
                        .get(0)
                        .at("/metadata/labels")
                        .path("strimzi.io/cluster")
                        .asText();
        secret(cluster + "-cluster-ca-cert", "ca.crt", bytes(broker.ca()));
    }

    private static List<AclBinding> rights(String name, JsonNode user) {
        List<AclBinding> rights = new ArrayList<>();
        for (JsonNode acl : user.at("/spec/authorization/acls")) {
            JsonNode resource = acl.path("resource");
            ResourcePattern pattern =
                    new ResourcePattern(
                            ResourceType.fromString(constant(resource.path("type"))),
                            resource.path("name").asText(),
                            resource.path("patternType").asText().equals("prefix")
                                    ? PatternType.PREFIXED
                                    : PatternType.LITERAL);
            for (JsonNode operation : acl.path("operations")) {
                rights.add(
                        new AclBinding(
                                pattern,
                                new AccessControlEntry(
                                        "User:" + name,
                                        "*",
                                        AclOperation.fromString(constant(operation)),
                                        AclPermissionType.ALLOW)));
            }
        }
        return rights;
    }

    /** {@code transactionalId} is TRANSACTIONAL_ID. */
    private static String constant(JsonNode name) {
        return name.asText()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toUpperCase(java.util.Locale.ROOT);
    }

    private static void secret(String name, String key, byte[] value) {
        SECRETS.computeIfAbsent(name, n -> new HashMap<>()).put(key, value);
    }

    private static String entry(String who, String key) throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256")
                        .digest(key.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return who + HexFormat.of().formatHex(hash) + "\n";
    }

    private static byte[] bytes(Path file) throws Exception {
        return java.nio.file.Files.readAllBytes(file);
    }

    /** A container of a deployment, as a process. */
    private static final class Pod {
        private final JsonNode pod;
        private final JsonNode container;
        private final Path home;
        private final Path log;
        private final Process process;

        Pod(String name) throws Exception {
            JsonNode deployment =
                    Files.of(BASE, "Deployment").stream()
                            .filter(d -> d.at("/metadata/name").asText().equals(name))
                            .findFirst()
                            .orElseThrow();
            pod = deployment.at("/spec/template/spec");
            container = pod.at("/containers/0");
            home = java.nio.file.Files.createDirectories(folder.resolve("pods").resolve(name));
            log = home.resolve("log");
            mount();
            List<String> command = new ArrayList<>(List.of("deploy/entrypoint.sh"));
            container.path("args").forEach(argument -> command.add(argument.asText()));
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            Map<String, String> environment = builder.environment();
            environment.keySet().removeIf(variable -> variable.startsWith("PIX2PIX_"));
            environment.put("DJL_OFFLINE", "true");
            environment.put("PIX2PIX_DEVICE", "cpu");
            environment.put("APPLICATION_JAR", "target/quarkus-app/quarkus-run.jar");
            environment.putAll(variables());
            environment.merge("PIX2PIX_JAVA_OPTS", String.join(" ", here()), (a, b) -> a + " " + b);
            process = builder.start();
        }

        /** What is not as in a cluster: where servers are, free ports, one broker, less memory. */
        private List<String> here() {
            List<String> options = new ArrayList<>(STACK.settings());
            options.addAll(
                    List.of(
                            "-Xmx512m",
                            "-Dpix2pix.kafka.bootstrap-servers=" + broker.tls(),
                            "-Dpix2pix.tracking.replication=1",
                            "-Dpix2pix.tracking.directory=" + home.resolve("tracker"),
                            "-Dpix2pix.health.interval=1s",
                            "-Dquarkus.http.host=127.0.0.1",
                            "-Dquarkus.http.port=0",
                            "-Dquarkus.http.ssl-port=0"));
            return options;
        }

        /** Puts the volumes' files where they are mounted. */
        private void mount() throws Exception {
            for (JsonNode mount : container.path("volumeMounts")) {
                JsonNode volume = null;
                for (JsonNode one : pod.path("volumes")) {
                    volume = one.path("name").equals(mount.path("name")) ? one : volume;
                }
                assertThat(volume).describedAs(mount.toString()).isNotNull();
                Path at =
                        java.nio.file.Files.createDirectories(
                                here(mount.path("mountPath").asText()));
                Map<String, byte[]> content = Map.of();
                if (volume.has("secret")) {
                    String secret = volume.at("/secret/secretName").asText();
                    content = SECRETS.getOrDefault(secret, Map.of());
                    assertThat(content).describedAs("secret " + secret).isNotEmpty();
                } else if (volume.has("configMap")) {
                    content = new HashMap<>();
                    for (var file : configMap(volume.at("/configMap/name").asText()).entrySet()) {
                        content.put(
                                file.getKey(),
                                local(file.getValue())
                                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                    }
                }
                for (var file : content.entrySet()) {
                    java.nio.file.Files.write(at.resolve(file.getKey()), file.getValue());
                }
            }
        }

        private Path here(String path) {
            return home.resolve(path.substring(1));
        }

        private String local(String text) {
            return text.replace(MOUNTS, here(MOUNTS) + "/");
        }

        private Map<String, String> variables() {
            Map<String, String> found = new TreeMap<>();
            for (JsonNode from : container.path("envFrom")) {
                if (from.has("configMapRef")) {
                    found.putAll(configMap(from.at("/configMapRef/name").asText()));
                }
            }
            for (JsonNode variable : container.path("env")) {
                found.put(variable.path("name").asText(), value(variable, found));
            }
            found.replaceAll((name, value) -> local(value));
            return found;
        }

        /** Names of variables count where those come before. */
        private String value(JsonNode variable, Map<String, String> before) {
            String field = variable.at("/valueFrom/fieldRef/fieldPath").asText();
            String resource = variable.at("/valueFrom/resourceFieldRef/resource").asText();
            if (!field.isEmpty()) {
                return "this-" + field;
            }
            if (!resource.isEmpty()) {
                JsonNode amount = container.at("/resources/" + resource.replace('.', '/'));
                assertThat(amount.isTextual()).describedAs(resource).isTrue();
                return amount.asText();
            }
            String value = variable.path("value").asText();
            for (var earlier : before.entrySet()) {
                value = value.replace("$(" + earlier.getKey() + ")", earlier.getValue());
            }
            return value;
        }

        private static Map<String, String> configMap(String name) {
            Map<String, String> found = new TreeMap<>();
            Files.of(BASE, "ConfigMap").stream()
                    .filter(map -> map.at("/metadata/name").asText().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .path("data")
                    .properties()
                    .forEach(e -> found.put(e.getKey(), e.getValue().asText()));
            return found;
        }

        /** As the kubelet asks. */
        void awaitReady() {
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> log().contains("Listening on: ") || !process.isAlive());
            assertThat(process.isAlive()).describedAs(log()).isTrue();
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(
                            () ->
                                    assertThat(probe("readinessProbe"))
                                            .describedAs(log())
                                            .isEqualTo(200));
        }

        int probe(String name) throws Exception {
            JsonNode request = container.path(name).path("httpGet");
            String scheme =
                    request.path("scheme").asText("HTTP").toLowerCase(java.util.Locale.ROOT);
            assertThat(http().getScheme()).isEqualTo(scheme);
            return get(request.path("path").asText(), Map.of()).statusCode();
        }

        HttpResponse<String> get(String path, Map<String, String> headers) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(http().resolve(path));
            headers.forEach(request::header);
            return client.send(request.build(), BodyHandlers.ofString());
        }

        URI http() {
            return URI.create(
                    Files.found("Listening on: (https?://[^\\s\"]+)", log()).iterator().next());
        }

        String log() {
            return Files.text(log.toString());
        }

        void kill() {
            process.destroyForcibly().onExit().join();
        }
    }

    @Test
    void theBacklogIsToldToWhoHasTheKeyThatKedaHas() throws Exception {
        for (JsonNode scaled : Files.of(BASE, "ScaledObject")) {
            JsonNode trigger = scaled.at("/spec/triggers/0");
            URI url = URI.create(trigger.at("/metadata/url").asText());
            assertThat(url.getScheme()).isEqualTo(coordinator.http().getScheme());
            assertThat(trigger.at("/metadata/authMode").asText()).isEqualTo("bearer");
            HttpResponse<String> answer =
                    coordinator.get(url.getPath(), Map.of("Authorization", "Bearer " + VIEWER));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(
                            Json.read(
                                            answer.body()
                                                    .getBytes(
                                                            java.nio.charset.StandardCharsets
                                                                    .UTF_8),
                                            JsonNode.class)
                                    .path(trigger.at("/metadata/valueLocation").asText())
                                    .isNumber())
                    .describedAs(answer.body())
                    .isTrue();
            assertThat(coordinator.get(url.getPath(), Map.of()).statusCode()).isEqualTo(401);
        }
    }

    @Test
    void everyProbeIsAnswered() throws Exception {
        for (Pod pod : List.of(coordinator, translator)) {
            for (String probe : Set.of("startupProbe", "livenessProbe", "readinessProbe")) {
                assertThat(pod.probe(probe)).describedAs(probe).isEqualTo(200);
            }
            JsonNode metrics =
                    Files.of(BASE, "Deployment").stream()
                            .map(d -> d.at("/spec/template"))
                            .filter(t -> t.path("spec").equals(pod.pod))
                            .findFirst()
                            .orElseThrow()
                            .at("/metadata/annotations");
            HttpResponse<String> answer =
                    pod.get(metrics.path("prometheus.io/path").asText(), Map.of());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("pix2pix_tasks_active");
        }
    }

    @Test
    void aWorkerCountsTheCoresThatItAskedFor() {
        String cores = translator.container.at("/resources/requests/cpu").asText();
        assertThat(Files.text("/proc/" + translator.process.pid() + "/cmdline").split("\0"))
                .contains("-XX:ActiveProcessorCount=" + cores);
    }

    @Test
    void aJobRunsToItsEndWithTheRightsAndBucketsThatAreGiven() throws Exception {
        for (String bucket : List.of("models", "photos", "results")) {
            STACK.store().createBucket(bucket);
        }
        String name = STACK.name("cluster");
        S3Uri model = S3Uri.parse("s3://models/%s.pt".formatted(name));
        Path file = folder.resolve("g.pt");
        Models.small(file, 3, 1);
        STACK.store().upload(file, model, "application/octet-stream", Map.of());
        S3Uri input = S3Uri.parse("s3://photos/%s/".formatted(name));
        for (int i = 0; i < 3; i++) {
            STACK.store()
                    .create(
                            input.resolve(i + ".png"),
                            Pictures.png(64, 64, i),
                            "image/png",
                            Map.of());
        }
        HttpResponse<String> taken = submit(name, model, "s3://results/%s/".formatted(name));
        assertThat(taken.statusCode()).describedAs(taken.body()).isEqualTo(202);
        try (KafkaUser user = new KafkaUser(broker.administration(), "pix2pix.")) {
            assertThat(user.awaitEnd(name).state()).isEqualTo(State.SUCCEEDED);
            assertThat(user.results(name)).hasSize(3);
            // What the settings do not allow is refused.
            submit(name + "-elsewhere", model, "s3://models/%s/".formatted(name));
            assertThat(user.awaitEnd(name + "-elsewhere").state()).isEqualTo(State.FAILED);
        }
        for (Pod pod : List.of(coordinator, translator)) {
            assertThat(pod.log()).doesNotContain("needs the ACL").doesNotContain("uthorizationExc");
        }
    }

    private static HttpResponse<String> submit(String name, S3Uri model, String output)
            throws Exception {
        String job =
                """
                {"jobId": "%s", "model": {"uri": "%s"}, "input": {"uri": "s3://photos/%s/"},
                 "output": {"uri": "%s"}, "size": {"width": 32, "height": 32}}
                """
                        .formatted(name, model, name.replace("-elsewhere", ""), output);
        HttpRequest request =
                HttpRequest.newBuilder(coordinator.http().resolve("/api/v1/translation-jobs"))
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer " + OPERATOR)
                        .POST(BodyPublishers.ofString(job))
                        .build();
        return client.send(request, BodyHandlers.ofString());
    }
}
